//! What the field of a form may be: a value that stands in one input, a struct, a list.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::path::InputPath;
use super::read::{Checker, Reader, Writer};
use super::schema::{Kind, SchemaBuilder};
use super::state::{Raw, Shape};
use crate::event::{FieldProblem, read_text};

/// The type of a form's field.
///
/// Numbers, texts, booleans and `Option`s of them; enums and structs that derive
/// [`Form`](macro@super::Form); a `Vec` of any of these, which is a list of choices or of rows. Any
/// other type that serde reads from a text, a date as an example, says `#[form(value)]` at its field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the field of a form as it stands",
    label = "not a type that a form knows",
    note = "where one input holds it and serde reads it, such as a date: put `#[form(value)]` before \
            the field",
    note = "where it is a group of inputs, or an enum of choices: `#[derive(Form)]` for `{Self}`"
)]
pub trait FormField: Sized + Send + 'static {
    /// Where it stands in a form.
    type Path: Copy + std::fmt::Debug;

    #[doc(hidden)]
    fn path(slot: &mut usize) -> Self::Path;

    #[doc(hidden)]
    fn describe(key: &'static str, schema: &mut SchemaBuilder);

    #[doc(hidden)]
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    #[doc(hidden)]
    fn write(&self, writer: &mut Writer<'_>);

    #[doc(hidden)]
    fn walk(&self, checker: &mut Checker<'_>);
}

/// A type of which a form's field may be a list: a `Vec` of it.
#[diagnostic::on_unimplemented(
    message = "a form knows no list of `{Self}`",
    label = "neither a choice nor a row",
    note = "`#[derive(Form)]` for `{Self}`: a struct makes a list of rows, an enum one of choices"
)]
pub trait FormItem: Sized + Send + 'static {
    /// Where a list of it stands in a form.
    type Path: Copy + std::fmt::Debug;

    #[doc(hidden)]
    fn list_path(slot: &mut usize) -> Self::Path;

    #[doc(hidden)]
    fn describe_list(key: &'static str, schema: &mut SchemaBuilder);

    #[doc(hidden)]
    fn read_list(reader: &mut Reader<'_>) -> Option<Vec<Self>>;

    #[doc(hidden)]
    fn write_list(items: &[Self], writer: &mut Writer<'_>);

    #[doc(hidden)]
    fn walk_list(items: &[Self], checker: &mut Checker<'_>);
}

impl<T: FormItem> FormField for Vec<T> {
    type Path = T::Path;

    fn path(slot: &mut usize) -> Self::Path {
        T::list_path(slot)
    }

    fn describe(key: &'static str, schema: &mut SchemaBuilder) {
        T::describe_list(key, schema);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        T::read_list(reader)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        T::write_list(self, writer);
    }

    fn walk(&self, checker: &mut Checker<'_>) {
        T::walk_list(self, checker);
    }
}

/// A value that stands in one input as a text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in an input of a form as it is",
    label = "not a type that a form knows",
    note = "if serde reads it from a text: put `#[form(value)]` before the field",
    note = "if it is an enum of choices: `#[derive(Form)]` for `{Self}`"
)]
pub trait FormText: Sized + Send + 'static {
    /// Whether it is yes or no, which a box that is not ticked says by sending nothing.
    #[doc(hidden)]
    const IS_FLAG: bool = false;

    /// Reads it from what a person typed or chose.
    ///
    /// # Errors
    /// What is wrong with the text.
    fn read_text(text: &str) -> Result<Self, FieldProblem>;

    /// The text that stands for it in an input.
    fn to_text(&self) -> String;

    /// What an input that is not in the page means, if anything.
    #[doc(hidden)]
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }

    /// What stands for it in checks of the rest, while its text cannot be read.
    #[doc(hidden)]
    fn blank() -> Option<Self>;
}

/// Reads one value from what an input holds.
pub(super) fn read_one<V: FormText>(raw: &Raw) -> Result<V, FieldProblem> {
    match raw {
        Raw::Missing => V::absent().ok_or(FieldProblem::Missing),
        Raw::Wrong(shape) => Err(wrong_shape(*shape)),
        Raw::One(_) | Raw::Many(_) => V::read_text(raw.texts().last().map_or("", String::as_str)),
    }
}

pub(super) fn wrong_shape(shape: Shape) -> FieldProblem {
    FieldProblem::Type { found: shape.into(), expected: "text".to_owned() }
}

impl<V: FormText> FormText for Option<V> {
    fn read_text(text: &str) -> Result<Self, FieldProblem> {
        if text.trim().is_empty() { Ok(None) } else { V::read_text(text).map(Some) }
    }

    fn to_text(&self) -> String {
        self.as_ref().map_or_else(String::new, V::to_text)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn blank() -> Option<Self> {
        Some(None)
    }
}

/// A field of any type that serde reads from a text: `#[form(value)]`.
#[derive(Debug)]
pub struct Foreign<T>(pub T);

impl<T: Serialize + DeserializeOwned + Send + 'static> Foreign<T> {
    /// Reads the field; `blank` stands for it while its text cannot be read.
    pub fn read(reader: &mut Reader<'_>, blank: Option<T>) -> Option<T> {
        let read = |raw: &Raw| match raw {
            Raw::Missing => read_text("").map_err(|_| FieldProblem::Missing),
            Raw::Wrong(shape) => Err(wrong_shape(*shape)),
            Raw::One(_) | Raw::Many(_) => read_text(raw.texts().last().map_or("", String::as_str)),
        };
        reader.input(read, || blank)
    }

    /// Writes the field as serde does.
    pub fn write(value: &T, writer: &mut Writer<'_>) {
        let text = match serde_json::to_value(value) {
            Ok(serde_json::Value::String(text)) => text,
            Ok(serde_json::Value::Null) | Err(_) => String::new(),
            Ok(other) => other.to_string(),
        };
        writer.input(Raw::One(text));
    }

    /// Where it stands.
    pub fn path(slot: &mut usize) -> InputPath<T> {
        InputPath::next(slot)
    }

    /// An input of its own.
    pub fn describe(key: &'static str, schema: &mut SchemaBuilder) {
        schema.slot(key, Kind::Text);
    }

    /// Nothing is checked in it.
    pub fn walk(checker: &mut Checker<'_>) {
        checker.skip();
    }
}

/// Makes a value that stands in one input, and a list of them, the field of a form. For the derive
/// macro too.
#[doc(hidden)]
#[macro_export]
macro_rules! __form_text {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::form::FormField for $type {
            type Path = $crate::form::InputPath<Self>;

            fn path(slot: &mut usize) -> Self::Path {
                $crate::form::private::path(slot)
            }

            fn describe(key: &'static str, schema: &mut $crate::form::private::SchemaBuilder) {
                $crate::form::private::describe::<Self>(key, schema);
            }

            fn read(reader: &mut $crate::form::private::Reader<'_>) -> ::core::option::Option<Self> {
                $crate::form::private::read(reader)
            }

            fn write(&self, writer: &mut $crate::form::private::Writer<'_>) {
                $crate::form::private::write(self, writer);
            }

            fn walk(&self, checker: &mut $crate::form::private::Checker<'_>) {
                $crate::form::private::skip(checker);
            }
        }

        impl<$($generics)*> $crate::form::FormItem for $type {
            type Path = $crate::form::InputPath<::std::vec::Vec<Self>>;

            fn list_path(slot: &mut usize) -> Self::Path {
                $crate::form::private::path(slot)
            }

            fn describe_list(key: &'static str, schema: &mut $crate::form::private::SchemaBuilder) {
                $crate::form::private::describe_list(key, schema);
            }

            fn read_list(
                reader: &mut $crate::form::private::Reader<'_>,
            ) -> ::core::option::Option<::std::vec::Vec<Self>> {
                $crate::form::private::read_list(reader)
            }

            fn write_list(items: &[Self], writer: &mut $crate::form::private::Writer<'_>) {
                $crate::form::private::write_list(items, writer);
            }

            fn walk_list(_: &[Self], checker: &mut $crate::form::private::Checker<'_>) {
                $crate::form::private::skip(checker);
            }
        }
    };
}

/// Types that serde reads from text.
macro_rules! texts {
    ($($type:ty = $blank:expr, $is_flag:literal;)*) => {$(
        impl FormText for $type {
            const IS_FLAG: bool = $is_flag;

            fn read_text(text: &str) -> Result<Self, FieldProblem> {
                read_text(text)
            }

            fn to_text(&self) -> String {
                self.to_string()
            }

            fn absent() -> Option<Self> {
                $is_flag.then_some($blank)
            }

            fn blank() -> Option<Self> {
                Some($blank)
            }
        }

        crate::__form_text!([] $type);
    )*};
}

texts! {
    String = String::new(), false;
    bool = false, true;
    char = ' ', false;
    i8 = 0, false;
    i16 = 0, false;
    i32 = 0, false;
    i64 = 0, false;
    i128 = 0, false;
    isize = 0, false;
    u8 = 0, false;
    u16 = 0, false;
    u32 = 0, false;
    u64 = 0, false;
    u128 = 0, false;
    usize = 0, false;
    f32 = 0.0, false;
    f64 = 0.0, false;
}

__form_text!([V: FormText] Option<V>);
