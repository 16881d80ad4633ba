//! Classes that come and go while something changes.

use std::time::Duration;

use crate::event::command::Object;

/// CSS classes for the time that a change takes: what they look like is the stylesheet's.
///
/// ```
/// use belvedere::js::Transition;
/// use std::time::Duration;
///
/// /// `.fade { transition: opacity 150ms; } .clear { opacity: 0; } .solid { opacity: 1; }`
/// const FADE_IN: Transition<'_> =
///     Transition::new("fade").start("clear").end("solid").time(Duration::from_millis(150));
/// # let _ = FADE_IN;
/// ```
///
/// Each text holds one class or several, separated by spaces. Meanwhile what the server sends waits,
/// so that it does not undo half a transition; [`without_waiting`](Self::without_waiting) lets it
/// through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Transition<'a> {
    during: &'a str,
    start: &'a str,
    end: &'a str,
    time: Option<Duration>,
    waits: bool,
}

impl<'a> Transition<'a> {
    /// Classes from the beginning to the end, which begins a CSS animation or names what is to
    /// change smoothly. Without one there is no transition.
    pub const fn new(during: &'a str) -> Self {
        Self { during, start: "", end: "", time: None, waits: true }
    }

    /// Classes for the first moment, to change from. Default: none.
    pub const fn start(self, start: &'a str) -> Self {
        Self { start, ..self }
    }

    /// Classes after the first moment, to change to. Default: none.
    pub const fn end(self, end: &'a str) -> Self {
        Self { end, ..self }
    }

    /// How long it takes, which the stylesheet says as well. Default: 200 ms.
    pub const fn time(self, time: Duration) -> Self {
        Self { time: Some(time), ..self }
    }

    /// Lets the server change the page meanwhile.
    pub const fn without_waiting(self) -> Self {
        Self { waits: false, ..self }
    }

    /// As a command's arguments.
    pub(super) fn write(self, args: &mut Object<'_>) {
        args.entry("transition", &self.classes());
        Self::write_timing(args, self.time, self.waits);
    }

    /// One command's arguments of two, with one time for both: the longer.
    pub(super) fn write_pair(ins: Option<Self>, outs: Option<Self>, args: &mut Object<'_>) {
        args.optional("ins", ins.map(Self::classes));
        args.optional("outs", outs.map(Self::classes));
        let both = || ins.into_iter().chain(outs);
        let time = both().filter_map(|transition| transition.time).max();
        let waits = both().count() == 0 || both().any(|transition| transition.waits);
        Self::write_timing(args, time, waits);
    }

    fn classes(self) -> [Vec<&'a str>; 3] {
        [self.during, self.start, self.end].map(class_names)
    }

    fn write_timing(args: &mut Object<'_>, time: Option<Duration>, waits: bool) {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        args.optional("time", time.map(millis));
        args.optional("blocking", (!waits).then_some(false));
    }
}

/// `"a b"` as two names.
pub(super) fn class_names(names: &str) -> Vec<&str> {
    names.split_whitespace().collect()
}
