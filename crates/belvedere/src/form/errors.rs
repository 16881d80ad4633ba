//! Where the checks of a form put what they find.

use std::marker::PhantomData;
use std::ops::Range;

use super::Form;
use super::path::{InputPath, RowsPath};
use super::read::Checker;
use super::schema::{Kind, Schema, Slot};
use super::state::{Group, RowsState, Wrong};

/// What is wrong with a `T`, field by field: what a check of `#[form(check = …)]` adds to.
///
/// ```
/// use belvedere::{Form, FormData, LiveForm, form::Errors};
///
/// #[derive(Form)]
/// #[form(check = in_order(first_night, last_night))]
/// struct Stay { first_night: u32, last_night: u32 }
///
/// fn in_order(stay: &Stay, errors: &mut Errors<'_, Stay>) {
///     if stay.last_night < stay.first_night {
///         errors.add(|f| f.last_night, "is before the first night");
///     }
/// }
///
/// let mut form = LiveForm::<Stay>::new("stay");
/// let data = FormData::parse("stay[first_night]=3&stay[last_night]=1", &Default::default())?;
/// assert!(form.submit(data).is_none());
/// assert_eq!(form.field(|f| f.last_night).error().to_string(), "is before the first night");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A check runs once all of its struct can be read. One that names the fields that it looks at,
/// `check = in_order(first_night, last_night)`, waits for these alone, so that a person who has left out
/// another field sees at once what is wrong with them.
#[derive(Debug)]
pub struct Errors<'a, T> {
    group: &'a mut Group,
    schema: &'static Schema,
    /// The first slot of the struct.
    start: usize,
    whole: &'a mut Wrong,
    /// Whether no blank stands in what is looked at.
    is_clean: bool,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: Form> Errors<'a, T> {
    pub(super) fn new(checker: &'a mut Checker<'_>, start: usize) -> Self {
        let Checker { group, schema, whole, is_clean, .. } = checker;
        Self { group, schema, start, whole, is_clean: *is_clean, of: PhantomData }
    }

    /// For a check that looks at all of the struct: nothing as long as a text in it cannot be read.
    #[doc(hidden)]
    pub fn of_read(&mut self) -> Option<Errors<'_, T>> {
        let mut end = self.start;
        T::fields(&mut end);
        self.if_read(self.start..end)
    }

    /// For a check that looks at these fields: nothing as long as one of them cannot be read.
    #[doc(hidden)]
    pub fn of_read_fields<const N: usize>(
        &mut self,
        slots: impl FnOnce(T::Fields) -> [usize; N],
    ) -> Option<Errors<'_, T>> {
        self.if_read(slots(self.fields()))
    }

    fn if_read(&mut self, slots: impl IntoIterator<Item = usize>) -> Option<Errors<'_, T>> {
        let is_read = slots.into_iter().all(|slot| !self.group.slots[slot].is_unread());
        let Self { group, schema, start, whole, .. } = self;
        is_read.then_some(Errors {
            group,
            schema,
            start: *start,
            whole,
            is_clean: true,
            of: PhantomData,
        })
    }

    fn fields(&self) -> T::Fields {
        T::fields(&mut self.start.clone())
    }

    /// Adds what is wrong with one input.
    pub fn add<V>(
        &mut self,
        field: impl FnOnce(T::Fields) -> InputPath<V>,
        text: impl Into<String>,
    ) {
        let slot = field(self.fields()).slot;
        self.group.input_mut(slot).wrong.find(text.into());
    }

    /// Adds what is wrong with a list of rows: that there are too few.
    pub fn add_to_rows<R>(
        &mut self,
        rows: impl FnOnce(T::Fields) -> RowsPath<R>,
        text: impl Into<String>,
    ) {
        let slot = rows(self.fields()).slot;
        self.group.rows_mut(slot).wrong.find(text.into());
    }

    /// Adds what is wrong with the form as a whole.
    pub fn add_to_form(&mut self, text: impl Into<String>) {
        if self.is_clean {
            self.whole.find(text.into());
        }
    }

    /// Adds what is wrong at a path such as `address.city` or `members[1].email`, where the rows are
    /// counted from 0; with the form as a whole if nothing stands there. For reports of libraries
    /// that know fields by name.
    pub fn add_at(&mut self, path: &str, text: impl Into<String>) {
        let keys: Vec<_> = path.split(['.', '[', ']']).filter(|key| !key.is_empty()).collect();
        let mut end = self.start;
        T::fields(&mut end);
        let slots = Slots { schema: self.schema, own: self.start..end, n_around: self.n_around() };
        let text = text.into();
        match slots.find(self.group, &keys) {
            Some(wrong) => {
                wrong.find(text);
            }
            None => self.add_to_form(text),
        }
    }

    /// How many keys lead from the schema's form or row to this struct.
    fn n_around(&self) -> usize {
        let n_keys = |slot: Option<&Slot>| slot.map_or(0, |slot| slot.keys.len());
        let n_own = n_keys(T::schema().slots.first());
        n_keys(self.schema.slots.get(self.start)).saturating_sub(n_own)
    }

    /// Adds what `garde` finds. `#[form(garde)]` on the struct does so.
    #[cfg(feature = "garde")]
    pub fn garde(&mut self, value: &T)
    where
        T: garde::Validate<Context: Default>,
    {
        if let Err(report) = value.validate() {
            for (path, error) in report.iter() {
                self.add_at(&path.to_string(), error.message());
            }
        }
    }
}

/// The slots of one struct among those of a form or row.
struct Slots {
    schema: &'static Schema,
    own: Range<usize>,
    /// How many keys of each are those of structs around.
    n_around: usize,
}

impl Slots {
    /// What is wrong with whatever stands at a path.
    fn find<'a>(&self, group: &'a mut Group, path: &[&str]) -> Option<&'a mut Wrong> {
        let keys_of = |slot: usize| self.schema.slots[slot].keys.get(self.n_around..);
        let mut own = self.own.clone();
        let slot = own.find(|slot| keys_of(*slot).is_some_and(|keys| path.starts_with(keys)))?;
        let rest = &path[keys_of(slot).map_or(0, <[_]>::len)..];
        let Kind::Rows(schema) = self.schema.slots[slot].kind else {
            return Some(&mut group.input_mut(slot).wrong);
        };
        let RowsState { rows, wrong, .. } = group.rows_mut(slot);
        let (index, rest) = rest.split_first().unwrap_or((&"", &[]));
        let row = index.parse().ok().and_then(|index: usize| rows.get_mut(index));
        let slots = Self { schema: schema(), own: 0..schema().slots.len(), n_around: 0 };
        // What is wrong with a row as such is said at the list.
        Some(row.and_then(|row| slots.find(&mut row.group, rest)).unwrap_or(wrong))
    }
}
