//! The `live!` template macro, `#[derive(LiveEvent)]`, `#[derive(Form)]` and `#[derive(LivePath)]` of
//! `belvedere`.
//!
//! Depend on `belvedere`, which re-exports them; the expansions name `::belvedere` and `::maud`.

mod form;
mod live;
mod live_event;
mod live_path;

use proc_macro::TokenStream;

/// A live template in [maud](https://maud.lambda.xyz)'s syntax: `live! { p { "Hello " (name) } }`.
///
/// Yields a lazy value, `impl belvedere::template::Render`, whose HTML is what `maud::html!`
/// prints for the same text, byte for byte but for one thing: where the text of a `textarea`, `pre` or
/// `listing` begins with a line break, one more is written, since every HTML parser drops the first. Tags that
/// `html!` has written within it stay as they are.
/// Only the changed holes are sent to a browser that has it already. The guide is in
/// `belvedere::template`.
///
/// Beyond maud's syntax, a row of `@for` may have a key: `key=(user.id)` on its only root
/// element, or `@for user in &users, key=(user.id) { (row(user)) }`. Content in an element that HTML
/// gives none, such as `input`, does not compile: its `;` was forgotten. Nor does an attribute that begins
/// with `phx-` and is none that the browser's client knows; `phx-value-…` are open.
/// An attribute that takes an event, such as `phx-click`, may name one of an enum of events in full. Its
/// names are then text of the template, and only its fields are holes:
///
/// | In the template | What a row pays for it |
/// |---|---|
/// | `phx-click=(Event::Refresh)`, `phx-submit=(Event::SAVE)` | nothing |
/// | `phx-click=(Event::Delete { id })` | the id |
/// | `phx-keyup=(Event::Move { row: id, key: _ })` | the row's id; the browser brings `key` |
///
/// A template in a splice of another, `(card(live! { p { (title) } }))`, borrows, so both may show a value that
/// the function owns. Elsewhere, in a closure or behind `@let`, a template takes what it shows, as a closure
/// with `move` does: borrow it first, `@let title = &title;`.
///
/// Fields are borrowed: `Event::Rename { name: user.name }` needs no `clone`. Written in any other way, as
/// `(event)` or by way of `Self`, the whole value is one hole. So is that of a generic parameter, such as
/// `T::CLOSE`; one whose name has a small letter looks like a type, and stands in braces:
/// `phx-click={ (Ev::CLOSE) }`.
///
/// `a patch=(to) { … }` is a link to another URL of the same view, and `a navigate=(to) { … }` one to
/// another live view; each has a real `href`. With `replace` beside it the browser's history gets no new
/// entry.
#[proc_macro]
pub fn live(input: TokenStream) -> TokenStream {
    live::expand(input.into(), live::Captures::Owned).into()
}

/// A template in a splice of another, which `live!` writes in place of `live!`: it borrows.
#[doc(hidden)]
#[proc_macro]
pub fn live_within(input: TokenStream) -> TokenStream {
    live::expand(input.into(), live::Captures::Borrowed).into()
}

/// Makes an enum the events of a live view: one variant per event, named on the wire in snake_case.
///
/// | Variant | Its payload | In a template |
/// |---|---|---|
/// | `Refresh` | none | `phx-click=(Event::Refresh)` |
/// | `Delete { id: UserId }` | an object with these fields | `phx-click=(Event::Delete { id })` |
/// | `Move { id: UserId, key: String }` | the same, of which the browser brings `key` | `phx-keyup=(Event::Move { id, key: _ })` |
/// | `Place { offset_x: u32, offset_y: u32 }` | the same, of which the browser measures both | `phx-click=(Event::Place { offset_x: _, offset_y: _ })` |
/// | `Save(UserForm)` | the type itself, from a form | `phx-submit=(Event::SAVE)` |
///
/// A variant with fields renders as the client's `push` command with the payload in it; its field
/// types need `Serialize` and `Deserialize`. Of a variant filled from a form a template needs only
/// the name, so each has a constant of type `EventName`, its wire name in capitals; its type needs
/// `Deserialize`. How text is read as numbers, booleans, options and lists is documented on
/// `EventValue::read`.
///
/// What a template leaves to the browser as `_`, the browser brings if it has it under this name: the `key`
/// of a key, the `value` of an input, each `phx-value-…` of the element, what a hook or a script sends.
/// `Belvedere.connect` measures these besides, for clicks and keys, and only where an event leaves them open:
///
/// | Field | What it is |
/// |---|---|
/// | `offset_x`, `offset_y` | where in its element a click was, in whole pixels of CSS from the upper left |
/// | `element_width`, `element_height` | how large the element is |
/// | `client_x`, `client_y` | where in the window the click was |
/// | `page_x`, `page_y` | where in the document |
/// | `alt_key`, `ctrl_key`, `meta_key`, `shift_key` | whether this key was held |
/// | `code`, `repeat` | which key it was, whatever is printed on it; whether it is held and repeats |
///
/// A click by the keyboard is in the middle of its element. Of `phx-click-away` the element is the one that
/// was clicked.
///
/// | Attribute | On | What it says |
/// |---|---|---|
/// | `#[live_event(name = "row.open")]` | a variant, a field | its name on the wire |
/// | `#[live_event(default)]` | a field | a payload without it has the type's default, as a checkbox that is not checked sends nothing |
/// | `#[live_event(form)]` | a field | it is read from the form, beside fields that the template gives: `phx-submit=(Event::Save { id, form: _ })` |
/// | `#[live_event(reads)]` | a variant, the enum | it changes nothing beyond its page, neither in a database nor for others, which guards ask by `GuardedEvent::only_reads` |
/// | `#[live_event(events)]` | `Pages(PageEvent)` | the events of another enum, for a part that several views share: its template names `PageEvent::Next`, the view receives `Event::Pages(PageEvent::Next)` |
///
/// Generic enums, tuples of more than one field and two events of one wire name do not compile.
#[proc_macro_derive(LiveEvent, attributes(live_event))]
pub fn derive_live_event(input: TokenStream) -> TokenStream {
    live_event::expand(input.into()).into()
}

/// Makes a struct what a form asks for, or an enum what a person chooses from in one.
///
/// | Field | In the form |
/// |---|---|
/// | text, number, `Option` of one | one input, read as its type |
/// | `bool` | a box to tick |
/// | `Vec` of these, of an enum | a list of choices: `select multiple`, boxes of one name |
/// | an enum that derives `Form` | `select`, radio buttons; its variants are named in snake_case |
/// | a struct that derives `Form` | a group of inputs |
/// | `Vec` of such a struct | rows that a person may add, remove and move |
/// | `#[form(value)]` any type that serde reads from a text | one input: a date |
///
/// On a field may stand `#[form(constraint("users_email_key", "is taken"))]`, what is said at it when
/// a constraint of the database refuses, and `#[form(max_rows = 20)]`. On the struct may stand
/// `#[form(garde)]`, which checks it by its rules of the crate `garde`, and
/// `#[form(check = function)]`, which calls `fn(&Self, &mut Errors<'_, Self>)` once all of it can be read,
/// or, as `#[form(check = function(first, last))]`, once these fields can.
///
/// Beside `SignUp` the macro makes `SignUpFields`, of which `f` is one in `form.field(|f| f.email)`.
/// Generic structs, tuples and fields that begin with `_` do not compile.
#[proc_macro_derive(Form, attributes(form))]
pub fn derive_form(input: TokenStream) -> TokenStream {
    form::expand(input.into()).into()
}

/// Makes a struct the URL of a page: the extractor that reads path and query, and the text of links.
///
/// `#[live_path("/users/{id}")]` says the route. Fields that it names stand in the path, all others in
/// the query; `None` is left out. The struct needs `Serialize` and `Deserialize`, and `#[serde(default)]`
/// on what a URL may leave out. A parameter of the route that is no field does not compile.
#[proc_macro_derive(LivePath, attributes(live_path))]
pub fn derive_live_path(input: TokenStream) -> TokenStream {
    live_path::expand(input.into()).into()
}
