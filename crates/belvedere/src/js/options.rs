//! Options of the commands that have several.

use crate::component::id::ComponentId;
use crate::event::command::Object;

use super::Transition;

/// How [`Js::push_with`](super::Js::push_with) sends an event.
///
/// ```
/// use belvedere::js::{Js, Push};
/// # #[derive(belvedere::LiveEvent)] enum Event { Save }
///
/// # let _ =
/// Js::new().push_with(Event::Save, Push { loading: Some("#form"), ..Push::default() })
/// # ;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Push<'a> {
    /// Who gets it. Default: the component that the element's `phx-target` names, else the view.
    pub target: Option<EventTarget<'a>>,
    /// A selector for more elements that wait for the answer as the element itself does, with
    /// classes such as `phx-click-loading`. Default: none.
    pub loading: Option<&'a str>,
    /// Whether the page shows that it is loading, with `phx:page-loading-start` and `-stop`.
    /// Default: no.
    pub page_loading: bool,
}

impl Push<'_> {
    pub(super) fn write(self, args: &mut Object<'_>) {
        match self.target {
            None => {}
            Some(EventTarget::Component(id)) => args.entry("target", &id.0),
            Some(EventTarget::Query(css)) => args.entry("target", css),
        }
        args.optional("loading", self.loading);
        args.optional("page_loading", self.page_loading.then_some(true));
    }
}

/// Who gets an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventTarget<'a> {
    /// A live component.
    Component(ComponentId),
    /// The components or views around the elements that match a selector.
    Query(&'a str),
}

impl From<ComponentId> for EventTarget<'_> {
    fn from(id: ComponentId) -> Self {
        Self::Component(id)
    }
}

impl<'a> From<&'a str> for EventTarget<'a> {
    fn from(css: &'a str) -> Self {
        Self::Query(css)
    }
}

/// How [`Js::show_with`](super::Js::show_with) shows; a [`Transition`] alone will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Show<'a> {
    /// The CSS `display`. Default: `block`, and what rows and cells of a table have.
    pub display: Option<&'a str>,
    /// Default: none, it is there at once.
    pub transition: Option<Transition<'a>>,
}

impl Show<'_> {
    pub(super) fn write(self, args: &mut Object<'_>) {
        args.optional("display", self.display);
        if let Some(transition) = self.transition {
            transition.write(args);
        }
    }
}

impl<'a> From<Transition<'a>> for Show<'a> {
    fn from(transition: Transition<'a>) -> Self {
        Self { transition: Some(transition), ..Self::default() }
    }
}

/// How [`Js::toggle_with`](super::Js::toggle_with) shows and hides.
///
/// The browser has one time for both directions: the longer of the two. What the server sends waits
/// if it waits for one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Toggle<'a> {
    /// The CSS `display`, as in [`Show`].
    pub display: Option<&'a str>,
    /// When it appears. Default: none.
    pub ins: Option<Transition<'a>>,
    /// When it disappears. Default: none.
    pub outs: Option<Transition<'a>>,
}

impl Toggle<'_> {
    pub(super) fn write(self, args: &mut Object<'_>) {
        args.optional("display", self.display);
        Transition::write_pair(self.ins, self.outs, args);
    }
}
