//! [`Act`]: what a view does after its page was served.

/// What a view does after its page was served, one short trace each.
///
/// Names inside are the application's own declarations, never text from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A declared event of the browser.
    Event(&'static str),
    /// A declared event of a component of this name.
    ComponentEvent(&'static str, &'static str),
    /// A message from the server side.
    Message,
    /// A message from the server side to a component of this name.
    ComponentMessage(&'static str),
    /// A piece of work that runs beside the view, by its name.
    Spawned(&'static str),
    /// A piece of work that a component of this name started, by its own name.
    ComponentSpawned(&'static str, &'static str),
    /// What a piece of work of this name has come to.
    Loaded(&'static str),
    /// What a piece of work has come to that a component of this name started, by its own name.
    ComponentLoaded(&'static str, &'static str),
    /// A file of the upload of this name has come to its end.
    Upload(&'static str),
    /// The same of a component of this name.
    ComponentUpload(&'static str, &'static str),
    /// A file of the upload of this name is signed for another server.
    Sign(&'static str),
    /// The connection was lost, and the view waits for its browser.
    Disconnected,
    /// Another URL of the view, which the browser shows.
    Params,
    /// The last callback of a view.
    Terminate,
}

impl Act {
    /// The middle of the span's name, a callback of the live view, and the name it handles.
    pub(super) fn parts(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Event(name) | Self::ComponentEvent(_, name) => ("handle_event", Some(name)),
            Self::Message | Self::ComponentMessage(_) => ("handle_message", None),
            Self::Spawned(name) | Self::ComponentSpawned(_, name) => ("async", Some(name)),
            Self::Loaded(name) | Self::ComponentLoaded(_, name) => ("handle_async", Some(name)),
            Self::Upload(name) | Self::ComponentUpload(_, name) => ("handle_upload", Some(name)),
            Self::Sign(name) => ("sign_upload", Some(name)),
            Self::Disconnected => ("disconnected", None),
            Self::Params => ("handle_params", None),
            Self::Terminate => ("terminate", None),
        }
    }

    /// The callback, as spans name it.
    pub(crate) fn callback(self) -> &'static str {
        self.parts().0
    }

    /// The name it handles: an event's, or that of a piece of work.
    pub(crate) fn name(self) -> Option<&'static str> {
        self.parts().1
    }

    /// The component whose act it is.
    pub(super) fn component(self) -> Option<&'static str> {
        match self {
            Self::ComponentEvent(component, _)
            | Self::ComponentMessage(component)
            | Self::ComponentSpawned(component, _)
            | Self::ComponentLoaded(component, _)
            | Self::ComponentUpload(component, _) => Some(component),
            Self::Event(_)
            | Self::Message
            | Self::Spawned(_)
            | Self::Loaded(_)
            | Self::Upload(_)
            | Self::Sign(_)
            | Self::Disconnected
            | Self::Params
            | Self::Terminate => None,
        }
    }
}
