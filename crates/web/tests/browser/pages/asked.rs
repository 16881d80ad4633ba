use belvedere::js::Target;
use belvedere::{
    Js, LiveEvent, LiveView, MountError, Render, Result, Socket, focus_wrap, live, portal,
};

/// Typed events in rows, with what the browser brings; commands from the server, a dialog that keeps the
/// focus, and questions before an event.
pub(crate) struct Asked {
    log: Vec<String>,
    checked: Option<u32>,
    is_open: bool,
    waits: bool,
    is_placed: bool,
    /// What opened the dialog goes with it, and has gone.
    is_last: bool,
    is_over: bool,
}

/// Events that several pages share.
#[derive(LiveEvent)]
pub(crate) enum PageEvent {
    #[live_event(name = "page.go")]
    Go { page: u32 },
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Delete {
        id: u32,
        name: String,
    },
    #[live_event(events)]
    Pages(PageEvent),
    Check {
        id: u32,
        #[live_event(default)]
        value: bool,
    },
    Move {
        row: u32,
        key: String,
    },
    Rename {
        id: u32,
        #[live_event(form)]
        form: Renamed,
    },
    Large {
        id: u64,
    },
    Place {
        id: u32,
        offset_x: u32,
        offset_y: u32,
        shift_key: bool,
    },
    Away {
        client_x: i32,
        element_width: u32,
    },
    Hold {
        key: String,
        code: String,
        ctrl_key: bool,
        repeat: bool,
    },
    Step {
        alt_key: bool,
    },
    Focus,
    Open,
    OpenLast,
    Close,
    Wait,
}

#[derive(serde::Deserialize)]
pub(crate) struct Renamed {
    title: String,
}

impl LiveView for Asked {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self {
            log: Vec::new(),
            checked: None,
            is_open: false,
            waits: false,
            is_placed: false,
            is_last: false,
            is_over: false,
        })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        let said = match event {
            Event::Delete { id, name } => format!("delete {id} {name}"),
            Event::Pages(PageEvent::Go { page }) => format!("page {page}"),
            Event::Check { id, value } => {
                self.checked = value.then_some(id);
                format!("check {id} {value}")
            }
            Event::Move { row, key } => format!("move {row} {key}"),
            Event::Rename { id, form } => format!("rename {id} {}", form.title),
            Event::Large { id } => format!("large {id}"),
            Event::Place { id, offset_x, offset_y, shift_key } => {
                self.is_placed = true;
                format!("place {id} {offset_x} {offset_y} {shift_key}")
            }
            Event::Away { client_x, element_width } => {
                self.is_placed = false;
                format!("away {client_x} {element_width}")
            }
            Event::Hold { key, code, ctrl_key, repeat } => {
                format!("hold {key} {code} {ctrl_key} {repeat}")
            }
            Event::Step { alt_key } => format!("step {alt_key}"),
            Event::Focus => {
                let js = Js::new().focus("#title").add_class("told", Target::This);
                socket.push_js(js)?;
                "focus".to_owned()
            }
            Event::Open => {
                self.is_open = true;
                "open".to_owned()
            }
            Event::OpenLast => {
                (self.is_open, self.is_last) = (true, true);
                "open for the last time".to_owned()
            }
            Event::Close => {
                (self.is_open, self.is_over) = (false, self.is_last);
                "close".to_owned()
            }
            Event::Wait => {
                self.waits = !self.waits;
                format!("wait {}", self.waits)
            }
        };
        self.log.push(said);
        Ok(())
    }

    fn render(&self) -> impl Render {
        let name = String::from("a \"name\" & <more>");
        live! {
            p #said { (self.log.last().map(String::as_str).unwrap_or_default()) }
            ol #log {
                @for (n, said) in self.log.iter().enumerate() {
                    li key=(n) { (said) }
                }
            }
            div {
                svg #map width="120" height="80" tabindex="0"
                    phx-click=(Event::Place { id: 7, offset_x: _, offset_y: _, shift_key: _ }) {
                    rect x="40" y="20" width="40" height="40" {}
                }
                @if self.is_placed {
                    b #away phx-click-away=(
                        Js::new().push(Event::Away { client_x: _, element_width: _ })
                    ) { "Placed." }
                }
                input #held phx-keydown=(
                    Event::Hold { key: _, code: _, ctrl_key: _, repeat: _ }
                );
                button #step data-each-click phx-click=(Event::Step { alt_key: _ }) {}
            }
            button #wait phx-click=(Event::Wait) {}
            @if self.waits {
                (focus_wrap("waiting", live! { p role="dialog" aria-modal="true" { "Wait." } }))
            }
            button #large phx-click=(Event::Large { id: (1 << 53) + 1 }) {}
            @for id in 1..=3_u32 {
                div key=(id) {
                    button #{ "delete-" (id) } phx-click=(Event::Delete { id, name: name }) {}
                    input #{ "check-" (id) } type="checkbox" checked[self.checked == Some(id)]
                        phx-click=(Event::Check { id, value: _ });
                    input #{ "key-" (id) } phx-keyup=(Event::Move { row: id, key: _ });
                    form #{ "form-" (id) } phx-submit=(Event::Rename { id, form: _ }) {
                        input name="title" value="new";
                        button {}
                    }
                }
            }
            (pager(7))
            h1 { "Asked" }
            input #title name="title";
            button #focus phx-click=(Event::Focus) {}
            (questions())
            button #open phx-click=(Event::Open) {}
            @if !self.is_over { button #open-last phx-click=(Event::OpenLast) {} }
            @if self.is_open {
                (portal("dialog", "body", focus_wrap("kept", live! {
                    section role="dialog" {
                        input #first;
                        button #close phx-click=(Event::Close) {}
                    }
                })))
            }
        }
    }
}

/// A part that knows its own events only.
fn pager(page: u32) -> impl Render {
    live! { button #next phx-click=(PageEvent::Go { page }) {} }
}

/// What asks before it does something.
fn questions() -> impl Render {
    live! {
        button #asked phx-click=(Event::Pages(PageEvent::Go { page: 1 })) data-confirm="Really?" {}
        form #asked-form phx-submit=(Event::Rename { id: 9, form: _ }) data-confirm="Send it?" {
            input name="title" value="asked";
            button {}
        }
        label #asked-label data-confirm="Check?" {
            "Check" input #asked-check type="checkbox" phx-click=(Event::Check { id: 9, value: _ });
        }
        a #asked-link href="/asked?left" data-phx-link="redirect" data-phx-link-state="push"
            data-confirm="Leave?" { "Leave" }
    }
}
