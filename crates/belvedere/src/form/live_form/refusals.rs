//! What a database refused, said where it belongs.

use super::LiveForm;
use crate::form::Form;
use crate::form::path::RowsPath;
use crate::form::schema::{Kind, Schema, Slot};
use crate::form::state::{Group, State};
use crate::form::words::Words;

/// A constraint of the database, and what is said of it.
type Constraint = (&'static str, &'static str);

impl<T: Form> LiveForm<T> {
    /// Says at its input that a constraint of the database refused what was typed, as the field's
    /// attribute `#[form(constraint("users_email_key", "is taken"))]` has it. Returns whether a field
    /// knows the constraint; an error of the database that none knows is for the caller to return.
    ///
    /// A database does not say which row it refused. What a field of a row knows is said there if the list
    /// has one row, and at the list if it has more; [`refused_in_row`](Self::refused_in_row) says it at a
    /// row.
    pub fn refused_by(&mut self, constraint: &str) -> bool {
        let is_known = self.group.refuse(T::schema(), constraint, self.words);
        self.focus_first_wrong();
        is_known
    }

    /// Does as [`refused_by`](Self::refused_by), of what was typed into one row, by its place, counted from
    /// 0: that of its struct in what [`submit`](Self::submit) returned. Returns whether there is such a row
    /// and a field of it knows the constraint.
    ///
    /// ```
    /// use belvedere::{Form, FormData, LiveForm};
    ///
    /// #[derive(Form)]
    /// struct Team { members: Vec<Member> }
    ///
    /// #[derive(Form)]
    /// struct Member {
    ///     #[form(constraint("members_email_key", "is in a team already"))]
    ///     email: String,
    /// }
    ///
    /// let mut form = LiveForm::<Team>::new("team");
    /// let sent = "team[members][0][email]=ann@ex.test&team[members][1][email]=bob@ex.test";
    /// let team = form.submit(FormData::parse(sent, &Default::default())?).expect("it is right");
    /// for (place, member) in team.members.iter().enumerate() {
    ///     // What inserting the member returned.
    ///     if member.email == "bob@ex.test" {
    ///         assert!(form.refused_in_row(|f| f.members, place, "members_email_key"));
    ///     }
    /// }
    /// let errors: Vec<String> =
    ///     form.rows(|f| f.members).iter().map(|row| row.field(|m| m.email).error().to_string()).collect();
    /// assert_eq!(errors, ["", "is in a team already"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refused_in_row<R: Form>(
        &mut self,
        rows: impl FnOnce(T::Fields) -> RowsPath<R>,
        place: usize,
        constraint: &str,
    ) -> bool {
        let slot = rows(T::fields(&mut 0)).slot;
        let words = self.words;
        let row = self.group.rows_mut(slot).rows.get_mut(place);
        let is_known = row.is_some_and(|row| row.group.refuse(R::schema(), constraint, words));
        self.focus_first_wrong();
        is_known
    }
}

impl Group {
    /// Says of the constraint what its field has of it; returns whether one knows it.
    fn refuse(&mut self, schema: &Schema, constraint: &str, words: &dyn Words) -> bool {
        let mut slots = schema.slots.iter().zip(&mut self.slots);
        slots.any(|(slot, state)| state.refuse(slot, constraint, words))
    }
}

impl State {
    fn refuse(&mut self, slot: &Slot, constraint: &str, words: &dyn Words) -> bool {
        if let (Self::Rows(rows), Kind::Rows(schema), None) =
            (&mut *self, slot.kind, slot.knows(constraint))
            && let [row] = &mut rows.rows[..]
        {
            return row.group.refuse(schema(), constraint, words);
        }
        let Some((name, text)) = self.knows(slot, constraint) else { return false };
        let (wrong, used) = match self {
            Self::Input(input) => (&mut input.wrong, &mut input.used),
            Self::Rows(rows) => (&mut rows.wrong, &mut rows.used),
        };
        wrong.say(words.refused(name, text));
        *used = true;
        true
    }

    /// The constraint, if this or a row in it knows it.
    fn knows(&self, slot: &Slot, constraint: &str) -> Option<Constraint> {
        slot.knows(constraint).or_else(|| {
            let (Self::Rows(rows), Kind::Rows(schema)) = (self, slot.kind) else { return None };
            let schema = schema();
            let mut states =
                rows.rows.iter().flat_map(|row| schema.slots.iter().zip(&row.group.slots));
            states.find_map(|(slot, state)| state.knows(slot, constraint))
        })
    }
}

impl Slot {
    fn knows(&self, constraint: &str) -> Option<Constraint> {
        self.constraints.iter().find(|(name, _)| *name == constraint).copied()
    }
}
