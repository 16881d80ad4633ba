//! [`LiveForm`]: the state of a form, which a view keeps.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher, Hasher};

use serde_json::Map;

use super::apply::Sent;
use super::field::{ERROR, ErrorText, Field, Id, Name};
use super::kept::KeptForm;
use super::path::{InputPath, RowsPath};
use super::read::{self, Checker, Read};
use super::rows::{Inputs, Rows};
use super::schema;
use super::state::{Group, Raw, Wrong};
use super::words::{English, Words};
use super::{Form, FormData};

mod places;
mod refusals;

use places::FirstWrong;

/// A form: what a person typed, what it means once it is right, and what is wrong with it.
///
/// A view keeps one, gives it what the browser sends, and shows it:
///
/// ```
/// use belvedere::{Form, FormData, LiveForm};
///
/// #[derive(Form)]
/// struct Person { name: String, age: u8 }
///
/// let mut form = LiveForm::<Person>::new("person");
/// let sent = FormData::parse("person[name]=Ann&person[age]=12a", &Default::default())?;
/// assert!(form.submit(sent).is_none());
/// assert_eq!(form.field(|f| f.age).value(), "12a");
/// assert_eq!(form.field(|f| f.age).error().to_string(), "is not a whole number");
///
/// let sent = FormData::parse("person[name]=Ann&person[age]=12", &Default::default())?;
/// assert_eq!(form.submit(sent).map(|person| person.age), Some(12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The guide is in [`form`](crate::form).
pub struct LiveForm<T: Form> {
    name: Cow<'static, str>,
    group: Group,
    whole: Wrong,
    /// The whole was sent, so what is wrong with it may be shown.
    is_submitted: bool,
    /// How often it was sent to be saved.
    n_submits: u32,
    /// Nothing was typed since it was sent last.
    is_just_sent: bool,
    /// What has the focus since then.
    focus: Option<FirstWrong>,
    value: Option<T>,
    /// Of what was typed when nothing was.
    first: u64,
    words: &'static dyn Words,
}

impl<T: Form> LiveForm<T> {
    /// A form in which nothing was typed. The names of its inputs begin with `name`: `user[email]`.
    /// Two forms on one page have different names; one for each row of a list is
    /// `LiveForm::new(format!("task[{id}]"))`.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self::of(name.into(), Group::blank(T::schema()))
    }

    /// A form in which `value` stands, to be changed.
    #[must_use]
    pub fn filled(name: impl Into<Cow<'static, str>>, value: &T) -> Self {
        let name = name.into();
        let group = read::write(value, &name);
        Self::of(name, group)
    }

    fn of(name: Cow<'static, str>, group: Group) -> Self {
        let mut form = Self {
            name,
            group,
            whole: Wrong::default(),
            is_submitted: false,
            n_submits: 0,
            is_just_sent: false,
            focus: None,
            value: None,
            first: 0,
            words: &English,
        };
        form.first = form.typed();
        form.check();
        form
    }

    /// The same form, that speaks in other words.
    #[must_use]
    pub fn with_words(mut self, words: &'static dyn Words) -> Self {
        self.words = words;
        self.check();
        self
    }

    /// Takes over what a browser sent at a change.
    pub fn change(&mut self, data: FormData<T>) {
        self.leave_focus();
        self.apply(&data);
        self.check();
    }

    /// Takes over what a browser sent to be saved, and returns it if it is right. All that is wrong is
    /// shown from now on, and the first input with an error has the focus.
    ///
    /// `None` also when a row was added, removed or moved by it: that is all that was asked then.
    pub fn submit(&mut self, data: FormData<T>) -> Option<T> {
        self.leave_focus();
        let asks_for_rows = self.apply(&data);
        if asks_for_rows {
            if !self.is_submitted {
                // A form without JavaScript does not say which inputs nobody has used.
                self.group.each(&mut |wrong, used| *used = wrong.too_many.is_some());
            }
            self.check();
            return None;
        }
        self.whole.said.clear();
        self.group.each(&mut |wrong, used| {
            wrong.said.clear();
            *used = true;
        });
        self.is_submitted = true;
        self.is_just_sent = true;
        self.n_submits = self.n_submits.wrapping_add(1);
        self.check();
        let value = self.value.take();
        match value {
            Some(_) => self.check(),
            None => self.focus_first_wrong(),
        }
        value
    }

    /// What was typed and what is wrong with it, for a [snapshot](crate::Snapshot) of its view.
    #[must_use]
    pub fn keep(&self) -> KeptForm {
        KeptForm::of(&self.group, T::schema(), &self.whole, self.is_submitted)
    }

    /// Takes over what a form of this name and type, perhaps of an earlier build, has
    /// [kept](Self::keep): it shows what that one did, but has no focus. A field that is new is as this
    /// form has it, one that has gone is dropped. What the form began with stays: it is
    /// [changed](Self::is_changed) if something else stands in it now.
    ///
    /// ```
    /// use belvedere::{Form, FormData, LiveForm};
    ///
    /// #[derive(Form)]
    /// struct Person { name: String, age: u8 }
    ///
    /// let mut form = LiveForm::<Person>::new("person");
    /// let sent = FormData::parse("person[name]=Ann&person[age]=12a", &Default::default())?;
    /// assert!(form.submit(sent).is_none());
    /// let json = serde_json::to_string(&form.keep())?;
    ///
    /// let mut next = LiveForm::<Person>::new("person");
    /// next.restore(serde_json::from_str(&json)?);
    /// assert_eq!(next.field(|f| f.age).value(), "12a");
    /// assert_eq!(next.field(|f| f.age).error().to_string(), "is not a whole number");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restore(&mut self, kept: KeptForm) {
        self.leave_focus();
        self.is_submitted = kept.is_submitted;
        kept.restore(&self.name, &mut self.group, T::schema(), &mut self.whole);
        self.check();
    }

    /// What was typed, once it is right.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Whether something else stands in it than at its beginning, or when it was last
    /// [`saved`](Self::saved).
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.typed() != self.first
    }

    /// What stands in it now is kept elsewhere: it is no longer [changed](Self::is_changed), and
    /// nothing wrong with it is shown until something is typed.
    pub fn saved(&mut self) {
        self.first = self.typed();
        self.is_submitted = false;
        self.leave_focus();
        self.group.each(&mut |_, used| *used = false);
    }

    /// Puts a text into an input, as if it had been there before.
    pub fn set_text<V>(
        &mut self,
        field: impl FnOnce(T::Fields) -> InputPath<V>,
        text: impl Into<String>,
    ) {
        let slot = field(T::fields(&mut 0)).slot;
        let input = self.group.input_mut(slot);
        input.raw = Raw::One(text.into());
        input.wrong.said.clear();
        self.check();
    }

    /// Says what is wrong with an input, until its text changes or the form is sent again. Right after
    /// [`submit`](Self::submit), before anything else was typed, the first such input has the focus.
    pub fn add_error<V>(
        &mut self,
        field: impl FnOnce(T::Fields) -> InputPath<V>,
        text: impl Into<String>,
    ) {
        let slot = field(T::fields(&mut 0)).slot;
        let input = self.group.input_mut(slot);
        input.wrong.say(text.into());
        input.used = true;
        self.focus_first_wrong();
    }

    /// Says what is wrong with the form as a whole, until it is sent again.
    pub fn add_form_error(&mut self, text: impl Into<String>) {
        self.whole.say(text.into());
        self.is_submitted = true;
    }

    /// Adds a blank row at the end and returns its key; `None` when the list has as many as it may.
    pub fn add_row<R: Form>(&mut self, rows: impl FnOnce(T::Fields) -> RowsPath<R>) -> Option<u32> {
        let slot = rows(T::fields(&mut 0)).slot;
        let described = &T::schema().slots[slot];
        let name = format!("{}{}", self.name, described.suffix);
        let key = self.group.rows_mut(slot).add(&name, R::schema(), described.max_rows);
        self.check();
        key
    }

    /// Removes a row; returns whether it was there.
    pub fn remove_row<R: Form>(
        &mut self,
        rows: impl FnOnce(T::Fields) -> RowsPath<R>,
        key: u32,
    ) -> bool {
        let slot = rows(T::fields(&mut 0)).slot;
        let is_removed = self.group.rows_mut(slot).remove(key);
        self.check();
        is_removed
    }

    /// Moves a row to a place, counted from 0; returns whether it was there.
    pub fn move_row<R: Form>(
        &mut self,
        rows: impl FnOnce(T::Fields) -> RowsPath<R>,
        key: u32,
        place: usize,
    ) -> bool {
        let slot = rows(T::fields(&mut 0)).slot;
        let is_moved = self.group.rows_mut(slot).move_to(key, place);
        self.check();
        is_moved
    }

    /// One input, to be shown.
    pub fn field<V>(&self, field: impl FnOnce(T::Fields) -> InputPath<V>) -> Field<'_> {
        self.inputs().field(field(T::fields(&mut 0)).slot)
    }

    /// A list of rows, to be shown.
    pub fn rows<R: Form>(&self, rows: impl FnOnce(T::Fields) -> RowsPath<R>) -> Rows<'_, R> {
        self.inputs().rows(rows(T::fields(&mut 0)).slot)
    }

    /// What is wrong with the form as a whole; empty when nothing is, or before it was sent.
    #[must_use]
    pub fn error(&self) -> ErrorText<'_> {
        ErrorText((self.is_submitted && !self.whole.is_empty()).then_some(&self.whole))
    }

    /// The id of the element that shows what is wrong with the form as a whole.
    #[must_use]
    pub fn error_id(&self) -> Id<'_> {
        Id { name: Name { name: &self.name, suffix: "" }, end: ERROR }
    }

    /// The id of the form.
    #[must_use]
    pub fn id(&self) -> Id<'_> {
        Id { name: Name { name: &self.name, suffix: "" }, end: "--form" }
    }

    fn inputs(&self) -> Inputs<'_> {
        Inputs { name: &self.name, schema: T::schema(), group: &self.group }
    }

    /// Takes over what was sent; says whether it asks for rows to be added, removed or moved.
    fn apply(&mut self, data: &FormData<T>) -> bool {
        let keys: Vec<&str> = self.name.split(['[', ']']).filter(|key| !key.is_empty()).collect();
        let within = |fields: Option<_>, key: &&str| Map::get(fields?, *key)?.as_object();
        let fields = keys.iter().fold(Some(&data.fields), within);
        let target = data.target();
        // What resets a form has no name.
        let is_reset = target.is_empty() && fields.is_some_and(schema::says_unused);
        let target = target.strip_prefix(&keys[..]);
        let sent = Sent { fields, target, is_reset, words: self.words };
        self.group.apply(&self.name, T::schema(), sent)
    }

    /// Reads and checks what was typed, all of it.
    fn check(&mut self) {
        self.whole.found.clear();
        self.group.each(&mut |wrong, _| {
            wrong.found.clear();
            wrong.is_unread = false;
        });
        let Read { value, is_clean } = read::read::<T>(&mut self.group, self.words);
        if let Some(value) = &value {
            let (group, whole, words) = (&mut self.group, &mut self.whole, self.words);
            words.during(&mut || {
                let (group, whole) = (&mut *group, &mut *whole);
                Checker { group, schema: T::schema(), slot: 0, whole, is_clean }.all(value);
            });
        }
        let mut is_right = is_clean && self.whole.found.is_empty();
        self.group.each(&mut |wrong, _| is_right &= wrong.is_right());
        self.value = value.filter(|_| is_right);
    }

    /// Somebody types, and is not to be disturbed.
    fn leave_focus(&mut self) {
        self.is_just_sent = false;
        self.focus = None;
    }

    /// A hash of what was typed.
    fn typed(&self) -> u64 {
        let mut hasher = foldhash::fast::FixedState::default().build_hasher();
        self.group.hash_typed(&mut hasher);
        hasher.finish()
    }
}

impl<T: Form> fmt::Debug for LiveForm<T> {
    /// Without what was typed.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, is_submitted, .. } = self;
        formatter
            .debug_struct("LiveForm")
            .field("name", name)
            .field("is_submitted", is_submitted)
            .finish_non_exhaustive()
    }
}
