//! `/parts/{n}`: as many parts that load beside the page as its address says.

use std::sync::LazyLock;

use axum::extract::Path;
use belvedere::{Async, LiveEvent, LiveView, MountError, Render, Result, Socket, live};

/// Most parts: a view has 64 pieces of work at once.
pub const MAX_PARTS: usize = 60;

/// What a page says in its `output` when all parts are there for the time after this word.
pub const DONE: &str = "done-";

static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| (0..MAX_PARTS).map(|part| &*format!("part-{part}").leak()).collect());

/// The parts of one browser.
#[derive(Debug)]
pub struct Parts {
    parts: Vec<Async<u64>>,
    turn: u64,
}

/// What the load client asks for.
#[derive(Debug, LiveEvent)]
pub enum PartsEvent {
    /// All parts load anew.
    Load,
}

impl Parts {
    fn load(&mut self, n_parts: usize, socket: &mut Socket<Self>) {
        let turn = self.turn;
        let names = NAMES.iter().take(n_parts);
        self.parts = names.map(|name| socket.load(*name, async move { Ok(turn) })).collect();
    }

    fn said(&self) -> String {
        let is_done = self.parts.iter().all(|part| part.value() == Some(&self.turn));
        if is_done { format!("{DONE}{}", self.turn) } else { String::new() }
    }
}

impl LiveView for Parts {
    type Extract = Path<usize>;
    type Params = ();
    type Event = PartsEvent;
    type Message = ();

    async fn mount(
        Path(n_parts): Path<usize>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let mut parts = Self { parts: Vec::new(), turn: 0 };
        parts.load(n_parts, socket);
        Ok(parts)
    }

    async fn handle_event(
        &mut self,
        PartsEvent::Load: PartsEvent,
        socket: &mut Socket<Self>,
    ) -> Result {
        self.turn += 1;
        self.load(self.parts.len(), socket);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Parts" }
            output { (self.said()) }
            @for part in &self.parts {
                p {
                    @match part.value() {
                        Some(value) => { "Part: " (value) }
                        None => "…",
                    }
                }
            }
        }
    }
}
