//! `/`: the tickets, and the form that opens one.

use axum::extract::State;
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, flash, live};
use belvedere_diesel::Repo;
use serde::Deserialize;

use crate::tickets::{self, MAX_LETTERS, Ticket};

/// The page's state.
pub struct Desk {
    repo: Repo,
    tickets: Vec<Ticket>,
    /// Counts the tickets opened here: the field changes with it, and is empty again.
    n_opened: u32,
}

/// What its elements ask for.
#[derive(LiveEvent)]
pub enum Event {
    Open(NewTicket),
    Close { id: i32 },
}

/// The form's fields.
#[derive(Deserialize)]
pub struct NewTicket {
    title: String,
}

impl LiveView for Desk {
    type Extract = State<Repo>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        State(repo): State<Repo>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Tickets");
        let tickets = tickets::newest(&repo).await?;
        Ok(Self { repo, tickets, n_opened: 0 })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Open(NewTicket { title }) => {
                let title = title.trim();
                if !(1..=MAX_LETTERS).contains(&title.chars().count()) {
                    socket.put_flash("error", format!("A title has 1 to {MAX_LETTERS} letters."));
                    return Ok(());
                }
                tickets::add(&self.repo, title.to_owned()).await?;
                self.n_opened += 1;
                socket.put_flash("info", "Opened.");
            }
            Event::Close { id } => tickets::delete(&self.repo, id).await?,
        }
        self.tickets = tickets::newest(&self.repo).await?;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Tickets" }
            (flash())
            form #open phx-submit=(Event::OPEN) {
                input #title name="title" aria-label="What is wrong?" placeholder="What is wrong?"
                    autocomplete="off" required maxlength=(MAX_LETTERS)
                    phx-patch-focused data-opened=(self.n_opened);
                button phx-disable-with="Opening …" { "Open a ticket" }
            }
            ul.tickets {
                @for ticket in &self.tickets {
                    li key=(ticket.id) {
                        span { (ticket.title) }
                        button.quiet phx-click=(Event::Close { id: ticket.id }) { "Close" }
                    }
                }
            }
            @if self.tickets.is_empty() { p.empty { "No tickets. Lucky you." } }
        }
    }
}
