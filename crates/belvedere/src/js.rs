//! What the browser does by itself, without asking the server: commands as data.
//!
#![doc = include_str!("docs/js.md")]

pub(crate) mod commands_only;
mod dispatch;
mod options;
mod target;
mod transition;

pub use dispatch::Dispatch;
pub use options::{EventTarget, Push, Show, Toggle};
pub use target::Target;
pub use transition::Transition;

use crate::event::PushEvent;
use crate::event::command::Object;
use crate::navigation::{History, LocalPath};

/// Commands for the browser, run one after the other: the value of a `phx-…` attribute. See the
/// [module](self) for a guide.
///
/// `to` says which elements a command is for, see [`Target`]; one that finds none does nothing.
/// Nothing here is refused: a selector or a name that the browser cannot read is logged there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "commands do nothing until they are spliced into an attribute"]
pub struct Js {
    /// Each `[op,arguments]`, separated by commas, escaped for HTML.
    commands: String,
}

impl Js {
    /// No commands yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends an event to the view, or to the component that the element's `phx-target` names.
    pub fn push(self, event: impl PushEvent) -> Self {
        self.push_with(event, Push::default())
    }

    /// Sends an event, with options.
    pub fn push_with(mut self, event: impl PushEvent, options: Push<'_>) -> Self {
        self.begin("push");
        let mut args = Object::push(&mut self.commands, &event);
        options.write(&mut args);
        args.end();
        self.end()
    }

    /// Shows what is hidden, as `display: block`, a table's parts as what they are.
    pub fn show<'a>(self, to: impl Into<Target<'a>>) -> Self {
        self.show_with(to, Show::default())
    }

    /// Shows what is hidden, with a [`Transition`] or the options of [`Show`].
    pub fn show_with<'a>(self, to: impl Into<Target<'a>>, show: impl Into<Show<'a>>) -> Self {
        self.command("show", to, |args| show.into().write(args))
    }

    /// Hides what is visible.
    pub fn hide<'a>(self, to: impl Into<Target<'a>>) -> Self {
        self.command("hide", to, |_| ())
    }

    /// Hides what is visible after a transition.
    pub fn hide_with<'a>(self, to: impl Into<Target<'a>>, transition: Transition<'_>) -> Self {
        self.command("hide", to, |args| transition.write(args))
    }

    /// Shows what is hidden and hides what is visible.
    pub fn toggle<'a>(self, to: impl Into<Target<'a>>) -> Self {
        self.toggle_with(to, Toggle::default())
    }

    /// Shows what is hidden and hides what is visible, with options.
    pub fn toggle_with<'a>(self, to: impl Into<Target<'a>>, toggle: Toggle<'_>) -> Self {
        self.command("toggle", to, |args| toggle.write(args))
    }

    /// Adds classes, separated by spaces.
    pub fn add_class<'a>(self, names: &str, to: impl Into<Target<'a>>) -> Self {
        self.classes("add_class", names, to, None)
    }

    /// Adds classes after a transition.
    pub fn add_class_with<'a>(
        self,
        names: &str,
        to: impl Into<Target<'a>>,
        transition: Transition<'_>,
    ) -> Self {
        self.classes("add_class", names, to, Some(transition))
    }

    /// Removes classes, separated by spaces.
    pub fn remove_class<'a>(self, names: &str, to: impl Into<Target<'a>>) -> Self {
        self.classes("remove_class", names, to, None)
    }

    /// Removes classes after a transition.
    pub fn remove_class_with<'a>(
        self,
        names: &str,
        to: impl Into<Target<'a>>,
        transition: Transition<'_>,
    ) -> Self {
        self.classes("remove_class", names, to, Some(transition))
    }

    /// Adds each class that an element lacks and removes each that it has.
    pub fn toggle_class<'a>(self, names: &str, to: impl Into<Target<'a>>) -> Self {
        self.classes("toggle_class", names, to, None)
    }

    /// Adds or removes classes after a transition.
    pub fn toggle_class_with<'a>(
        self,
        names: &str,
        to: impl Into<Target<'a>>,
        transition: Transition<'_>,
    ) -> Self {
        self.classes("toggle_class", names, to, Some(transition))
    }

    /// Plays a transition and leaves everything as it was.
    pub fn transition<'a>(self, transition: Transition<'_>, to: impl Into<Target<'a>>) -> Self {
        self.command("transition", to, |args| transition.write(args))
    }

    /// Sets an attribute.
    pub fn set_attr<'a>(self, name: &str, value: &str, to: impl Into<Target<'a>>) -> Self {
        self.command("set_attr", to, |args| args.entry("attr", &[name, value]))
    }

    /// Removes an attribute.
    pub fn remove_attr<'a>(self, name: &str, to: impl Into<Target<'a>>) -> Self {
        self.command("remove_attr", to, |args| args.entry("attr", name))
    }

    /// Sets an attribute where it is missing and removes it where it is there.
    pub fn toggle_attr<'a>(self, name: &str, value: &str, to: impl Into<Target<'a>>) -> Self {
        self.command("toggle_attr", to, |args| args.entry("attr", &[name, value]))
    }

    /// Sets an attribute to the second value where it has the first, and to the first everywhere
    /// else: `.switch_attr("aria-expanded", ["true", "false"], "#menu")`.
    pub fn switch_attr<'a>(self, name: &str, values: [&str; 2], to: impl Into<Target<'a>>) -> Self {
        let [first, second] = values;
        self.command("toggle_attr", to, |args| args.entry("attr", &[name, first, second]))
    }

    /// From now on these attributes are the browser's: what the server renders for them is left
    /// out. A name may hold `*`. For attributes that the browser itself changes, such as `open` of
    /// `details`, in `phx-mounted`.
    pub fn ignore_attrs<'a>(self, names: &[&str], to: impl Into<Target<'a>>) -> Self {
        self.command("ignore_attrs", to, |args| args.entry("attrs", names))
    }

    /// Dispatches a DOM event, for scripts of the page.
    pub fn dispatch<'a>(self, event: &str, to: impl Into<Target<'a>>) -> Self {
        self.dispatch_with(event, to, Dispatch::default())
    }

    /// Dispatches a DOM event, with options.
    pub fn dispatch_with<'a>(
        self,
        event: &str,
        to: impl Into<Target<'a>>,
        dispatch: Dispatch<'_>,
    ) -> Self {
        self.command("dispatch", to, |args| {
            args.entry("event", event);
            dispatch.write(args);
        })
    }

    /// Runs the commands that stand in an attribute of the target.
    pub fn exec<'a>(self, attribute: &str, to: impl Into<Target<'a>>) -> Self {
        self.command("exec", to, |args| args.entry("attr", attribute))
    }

    /// Moves the focus.
    pub fn focus<'a>(self, to: impl Into<Target<'a>>) -> Self {
        self.command("focus", to, |_| ())
    }

    /// Moves the focus to the first element within the target that can be used, else to the first
    /// that takes it.
    pub fn focus_first<'a>(self, to: impl Into<Target<'a>>) -> Self {
        self.command("focus_first", to, |_| ())
    }

    /// Remembers the target for [`pop_focus`](Self::pop_focus).
    pub fn push_focus<'a>(self, to: impl Into<Target<'a>>) -> Self {
        self.command("push_focus", to, |_| ())
    }

    /// Moves the focus to what was remembered last, and forgets it.
    pub fn pop_focus(self) -> Self {
        self.command("pop_focus", Target::This, |_| ())
    }

    /// Shows another URL of the same view, as a link with `data-phx-link="patch"` does. A browser that
    /// has no connection loads it, which is why the target is checked before.
    pub fn patch(self, to: &LocalPath) -> Self {
        self.patch_with(to, History::Push)
    }

    /// Shows another URL of the same view, with or without a new entry in the browser's history.
    pub fn patch_with(self, to: &LocalPath, history: History) -> Self {
        self.goes("patch", to.as_str(), history)
    }

    /// Goes to another live view on the same socket; where that is none, the browser loads the page.
    pub fn navigate(self, to: &LocalPath) -> Self {
        self.navigate_with(to, History::Push)
    }

    /// Goes to another live view, with or without a new entry in the browser's history.
    pub fn navigate_with(self, to: &LocalPath, history: History) -> Self {
        self.goes("navigate", to.as_str(), history)
    }

    fn goes(mut self, op: &str, href: &str, history: History) -> Self {
        self.begin(op);
        let mut args = Object::begin(&mut self.commands);
        args.entry("href", href);
        args.optional("replace", (history == History::Replace).then_some(true));
        args.end();
        self.end()
    }

    /// The commands as JSON, not escaped for HTML.
    pub(crate) fn json(&self) -> String {
        let commands = ["[", &self.commands, "]"].concat();
        let commands = commands.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
        commands.replace("&amp;", "&")
    }

    fn classes<'a>(
        self,
        op: &str,
        names: &str,
        to: impl Into<Target<'a>>,
        transition: Option<Transition<'_>>,
    ) -> Self {
        self.command(op, to, |args| {
            args.entry("names", &transition::class_names(names));
            if let Some(transition) = transition {
                transition.write(args);
            }
        })
    }

    fn command<'a>(
        mut self,
        op: &str,
        to: impl Into<Target<'a>>,
        write: impl FnOnce(&mut Object<'_>),
    ) -> Self {
        self.begin(op);
        let mut args = Object::begin(&mut self.commands);
        write(&mut args);
        to.into().write(&mut args);
        args.end();
        self.end()
    }

    fn begin(&mut self, op: &str) {
        let separator = if self.commands.is_empty() { "" } else { "," };
        for part in [separator, "[&quot;", op, "&quot;,"] {
            self.commands.push_str(part);
        }
    }

    fn end(mut self) -> Self {
        self.commands.push(']');
        self
    }
}

impl maud::Render for Js {
    fn render_to(&self, buffer: &mut String) {
        buffer.push('[');
        buffer.push_str(&self.commands);
        buffer.push(']');
    }
}

#[cfg(test)]
mod tests;
