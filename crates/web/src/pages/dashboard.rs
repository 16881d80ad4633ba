//! `/dashboard`: figures and two charts, each loaded by itself beside the page, and again when users or their
//! items have changed.

use std::time::Duration;

use axum::extract::State;
use belvedere::AsyncState::{Done, Failed, Loading};
use belvedere::{
    Async, Heard, LiveEvent, LiveView, Load, MountError, PubSub, Render, Result, Socket, flash,
    live,
};
use belvedere_diesel::Repo;
use domain::figures::{self, Busy, Items};
use domain::users;

use crate::changes::{self, Change};
use crate::pages::round_trip::RoundTrip;
use crate::pages::user::UserPath;

/// The numbers are in the first response, unless the database is slow.
const TOTALS: Load = Load::named("totals").within(Duration::from_millis(50));

/// How long changes are waited for that follow one: a page that is not told what to change reads all.
const PAUSE: Duration = Duration::from_millis(300);

/// People in the list of those with most to do.
pub const N_BUSIEST: u32 = 8;

/// The page's state.
#[derive(Debug)]
pub struct Dashboard {
    repo: Repo,
    round_trip: RoundTrip,
    parts: Parts,
    /// Something has changed, and what follows it is waited for.
    is_stale: bool,
}

/// What is loaded, each part by itself.
#[derive(Debug)]
struct Parts {
    totals: Async<(i64, Items)>,
    decades: Async<Vec<i64>>,
    busiest: Async<Vec<Busy>>,
}

/// What its button asks for.
#[derive(Debug, LiveEvent)]
pub enum Event {
    /// Load all parts again.
    Refresh,
}

/// What it hears.
#[derive(Debug)]
pub enum Message {
    /// Users or their items have changed.
    Changed(Heard<Change>),
    /// It is time to read what they are now.
    Read,
}

impl Parts {
    /// Parts that are there already stay until the new ones are.
    fn load(repo: &Repo, socket: &mut Socket<Dashboard>) -> Self {
        let [of_totals, of_decades, of_busiest] = [(); 3].map(|()| repo.clone());
        Self {
            totals: socket.load(TOTALS, async move {
                Ok((users::count(&of_totals).await?, figures::items(&of_totals).await?))
            }),
            decades: socket
                .load("decades", async move { Ok(figures::people_by_decade(&of_decades).await?) }),
            busiest: socket.load("busiest", async move {
                Ok(figures::busiest(&of_busiest, N_BUSIEST).await?)
            }),
        }
    }
}

impl LiveView for Dashboard {
    type Extract = (State<Repo>, State<PubSub>, RoundTrip);
    type Params = ();
    type Event = Event;
    type Message = Message;

    async fn mount(
        (State(repo), State(pub_sub), round_trip): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Dashboard");
        socket.subscribe_to(&pub_sub, &changes::USERS, Message::Changed)?;
        let repo = round_trip.of(&repo);
        let parts = Parts::load(&repo, socket);
        Ok(Self { repo, round_trip, parts, is_stale: false })
    }

    async fn handle_message(&mut self, message: Message, socket: &mut Socket<Self>) -> Result {
        match message {
            Message::Changed(_) if self.is_stale => {}
            Message::Changed(_) => {
                socket.send_after(PAUSE, Message::Read)?;
                self.is_stale = true;
            }
            Message::Read => {
                self.is_stale = false;
                self.parts = Parts::load(&self.repo, socket);
            }
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Refresh => self.parts = Parts::load(&self.repo, socket),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let Parts { totals, decades, busiest } = &self.parts;
        live! {
            (flash())
            div.page-head {
                div {
                    h1 { "Dashboard" }
                    p.lead { "Each part loads by itself, and again when somebody has changed something." }
                }
                button type="button" id="refresh" phx-click=(Event::Refresh) { "Refresh" }
            }
            (self.round_trip.render("/dashboard"))
            (part("totals", "All lists", totals, numbers))
            div.side-by-side {
                (part("decades", "People by age", decades, |decades| columns(decades)))
                (part("busiest", "Most to do", busiest, |busiest| bars(busiest)))
            }
        }
    }
}

/// A part of the page in each of its states.
fn part<'a, T, R: Render + 'a>(
    id: &'static str,
    title: &'static str,
    part: &'a Async<T>,
    show: impl Fn(&'a T) -> R + 'a,
) -> impl Render + 'a {
    live! {
        section.card.part id=(id) aria-busy=[part.is_loading().then_some("true")] {
            h2 { (title) }
            @match part.state() {
                Loading(None) => p.note { "Loading…" }
                Loading(Some(shown)) | Done(shown) => (show(shown)),
                Failed(error) if error.is_busy() => {
                    p.failed role="alert" { "The server is busy just now. Refresh in a moment." }
                }
                Failed(_) => p.failed role="alert" { "This could not be loaded." }
            }
        }
    }
}

fn numbers((n_people, items): &(i64, Items)) -> impl Render {
    live! {
        dl.stats {
            div { dt { "People" } dd #n-people { (n_people) } }
            div { dt { "Done" } dd #n-done { (items.n_done) } }
            div { dt { "To do" } dd #n-open { (items.n_open) } }
        }
    }
}

/// A column for each decade of age.
fn columns(decades: &[i64]) -> impl Render {
    let most = decades.iter().copied().max().unwrap_or(0).max(1);
    let width = 40 * decades.len();
    live! {
        @if decades.is_empty() {
            p.note { "There is nobody yet." }
        } @else {
            svg.chart viewBox={ "0 0 " (width) " 170" } role="img" aria-label=(in_words(decades)) {
                @for (decade, n_people) in decades.iter().enumerate() {
                    g transform={ "translate(" (40 * decade) ")" } {
                        rect.bar x="5" width="30" y=(145 - 120 * n_people / most) height=(120 * n_people / most) {}
                        @if *n_people > 0 {
                            text x="20" y=(139 - 120 * n_people / most) { (n_people) }
                        }
                        text.axis x="20" y="164" { (10 * decade) "s" }
                    }
                }
            }
        }
    }
}

/// A chart for those who do not see it: `2 people in their 20s, 5 in their 30s`.
fn in_words(decades: &[i64]) -> String {
    let decades = decades.iter().enumerate().filter(|(_, n_people)| **n_people > 0);
    let decades = decades.map(|(decade, n_people)| format!("{n_people} in their {}s", 10 * decade));
    format!("People by age: {}", decades.collect::<Vec<_>>().join(", "))
}

/// A bar for each of those with the most to do.
fn bars(busiest: &[Busy]) -> impl Render {
    let most = busiest.iter().map(|busy| busy.n_open).max().unwrap_or(0).max(1);
    live! {
        @if busiest.is_empty() {
            p.note { "Everything is done." }
        } @else {
            table.bars {
                tbody {
                    @for busy in busiest {
                        tr key=(busy.id) {
                            th scope="row" { a navigate=(UserPath { id: busy.id, edit: None }) { (busy.name) } }
                            td.bar {
                                svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                                    rect.bar width=(100 * busy.n_open / most) height="10" {}
                                }
                            }
                            td.number { (busy.n_open) }
                        }
                    }
                }
            }
        }
    }
}
