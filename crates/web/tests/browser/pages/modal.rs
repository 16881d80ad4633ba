//! A dialog with an address, which a click elsewhere and Escape close.

use std::time::Duration;

use axum::Router;
use axum::extract::Query;
use belvedere::js::{Target, Transition};
use belvedere::{Js, LiveEvent, LiveRouter, LiveView, LocalPath, MountError, Render, Result};
use belvedere::{Socket, focus_wrap, live};
use serde::Deserialize;

const FADE: Transition<'_> = Transition::new("fading").time(Duration::from_millis(50));

pub(crate) struct Modal {
    is_open: bool,
    sent: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct At {
    is_open: bool,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Send(Named),
}

#[derive(Deserialize)]
pub(crate) struct Named {
    name: String,
}

impl LiveView for Modal {
    type Extract = ();
    type Params = Query<At>;
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_open: false, sent: None })
    }

    async fn handle_params(
        &mut self,
        Query(At { is_open }): Query<At>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.is_open = is_open;
        Ok(())
    }

    async fn handle_event(
        &mut self,
        Event::Send(Named { name }): Event,
        _: &mut Socket<Self>,
    ) -> Result {
        self.sent = Some(name);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            a #add patch="/modal?is_open=true" { "Add" }
            p #elsewhere { "Elsewhere" }
            @if self.is_open { (dialog(self.sent.as_deref())) }
        }
    }
}

fn dialog(sent: Option<&str>) -> impl Render {
    let closed = LocalPath::new("/modal").expect("a path of this site");
    let leave = Js::new().hide_with(Target::This, FADE).exec("phx-remove", "#box");
    let cancel = Js::new().exec("phx-remove", "#modal").patch(&closed);
    let close = Js::new().exec("data-cancel", "#modal");
    live! {
        section #modal role="dialog" phx-remove=(leave) data-cancel=(cancel) {
            div phx-click-away=(&close) phx-window-keydown=(&close) phx-key="Escape" {
                (focus_wrap("box", live! {
                    form #form phx-submit=(Event::SEND) {
                        input #name name="name";
                        button { "Send" }
                        @if let Some(sent) = sent { output { "Sent: " (sent) } }
                    }
                }))
            }
        }
    }
}

pub(crate) fn router() -> Router {
    Router::new().live::<Modal>("/modal")
}
