use belvedere::http::page::{Layout, Page, default_layout};
use belvedere::{
    Ended, LiveEvent, LiveView, MountError, Render, Result, Socket, flash, live, nested,
};
use maud::{Markup, PreEscaped};

use crate::views::Book;

/// Stands in a layout: it counts, says what the page shows, and moves it.
pub(crate) struct Player {
    book: Book,
    name: &'static str,
    plays: u32,
    path: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Play,
    Go { to: String },
    Patch { to: String },
    Load { to: String },
    Panic,
}

impl LiveView for Player {
    type Extract = (Book, &'static str);
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        (book, name): (Book, &'static str),
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        book.write("mount", name);
        socket.set_title("The player's");
        socket.on_end({
            let book = book.clone();
            move |why: Ended| book.write(&format!("{why:?}"), name)
        });
        match name {
            "missing" => return Err(MountError::not_found()),
            "stranger" => return Err(MountError::redirect("/sign-in")),
            "leader" => socket.navigate("/catalog?page=7")?,
            "turner" => socket.patch("/catalog?page=8")?,
            _ => {}
        }
        Ok(Self { book, name, plays: 0, path: socket.path().to_owned() })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        self.path = socket.path().to_owned();
        match event {
            Event::Play => self.plays += 1,
            Event::Go { to } => {
                self.plays += 1;
                socket.put_flash("info", "From the player.");
                socket.navigate(to)?;
            }
            Event::Patch { to } => socket.patch(to)?,
            Event::Load { to } => socket.redirect(to)?,
            Event::Panic => panic!("a player panics on purpose"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            b { (self.name) " " (self.plays) }
            i { (self.path) }
            button.play phx-click=(Event::Play) { "Play" }
            @if self.name == "player" {
                (nested::<Self>("volume", (self.book.clone(), "volume")))
            }
        }
    }
}

/// A layout that places these players; `away` is a path on whose page it places none.
pub(crate) fn radio(book: &Book, names: &'static [&'static str], away: &'static str) -> Layout {
    let book = book.clone();
    Layout::new(move |page: &Page<'_>| {
        let players = names.iter().filter(|_| page.path != away);
        let players: Vec<Markup> = players
            .map(|name| nested::<Player>(name, (book.clone(), *name)).in_layout(page))
            .collect();
        let players: String = players.into_iter().map(PreEscaped::into_string).collect();
        let view = format!("{}{players}", page.view.0);
        default_layout(&Page { view: PreEscaped(&view), ..*page })
    })
}
