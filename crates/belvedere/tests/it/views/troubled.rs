use axum::extract::Path;
use belvedere::{Joined, LiveEvent, LiveView, MountError, Render, Result, Socket, flash, live};
use http::StatusCode;

/// Fails in the way that its path names.
pub(crate) struct Troubled {
    clicks: u32,
    panic_in_render: bool,
    redirect_when_connected: bool,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Ok,
    Fail,
    Panic,
    PanicInRender,
    Leave,
    LeaveWith { info: String, error: String },
    LeaveTheSite,
    Echo { text: String },
    NoteAndLeave,
}

#[derive(Debug, thiserror::Error)]
#[error("the disk is full")]
struct DiskFull;

impl LiveView for Troubled {
    type Extract = Path<String>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        Path(trouble): Path<String>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let redirect_when_connected = trouble == "redirect-when-connected";
        match trouble.as_str() {
            "missing" => Err(MountError::not_found()),
            "teapot" => Err(MountError::Status(StatusCode::IM_A_TEAPOT)),
            "redirect" => {
                socket.put_flash("error", "Please sign in first");
                Err(MountError::redirect("/troubled/none"))
            }
            "elsewhere" => Err(MountError::redirect("//evil.test")),
            "error" => Err(DiskFull)?,
            "panic" => panic!("mount panics on purpose"),
            _ => Ok(Self { clicks: 0, panic_in_render: false, redirect_when_connected }),
        }
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        if self.redirect_when_connected {
            socket.redirect("/counter")?;
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        self.clicks += 1;
        match event {
            Event::Ok => {}
            Event::Fail => Err(DiskFull)?,
            Event::Panic => panic!("an event panics on purpose"),
            Event::PanicInRender => self.panic_in_render = true,
            Event::Leave => {
                socket.put_flash("info", "See you <there>");
                socket.redirect("/troubled/none")?;
            }
            Event::LeaveWith { info, error } => {
                socket.put_flash("info", info);
                socket.put_flash("error", error);
                socket.redirect("/troubled/none")?;
            }
            Event::Echo { text } => socket.reply(&text)?,
            Event::NoteAndLeave => {
                socket.push_event("noted", &self.clicks)?;
                socket.redirect("/counter")?;
            }
            Event::LeaveTheSite => socket.redirect("//evil.test")?,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        assert!(!self.panic_in_render, "render panics on purpose");
        live! {
            (flash())
            output { (self.clicks) }
            button #ok phx-click=(Event::Ok) {}
            button #fail phx-click=(Event::Fail) {}
            button #panic phx-click=(Event::Panic) {}
            button #panic-in-render phx-click=(Event::PanicInRender) {}
            button #leave phx-click=(Event::Leave) {}
            button #leave-the-site phx-click=(Event::LeaveTheSite) {}
        }
    }
}
