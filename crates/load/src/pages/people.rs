//! `/people`: who looks at the page; the first twenty by name, the others by number.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use belvedere::pub_sub::{Heard, Presence, Present, PubSub, Topic};
use belvedere::{Joined, LiveView, MountError, Render, Result, Socket, live};

/// Who is here.
const HERE: Topic<Presence<String>> = Topic::new("people");

/// People that the page names.
const N_NAMED: usize = 20;

/// What one browser sees.
#[derive(Debug)]
pub struct People {
    pub_sub: PubSub,
    named: Vec<Present<String>>,
    n_present: usize,
}

impl People {
    fn look(&mut self) {
        self.named = self.pub_sub.first_present(&HERE, N_NAMED);
        self.n_present = self.pub_sub.n_present(&HERE);
    }
}

impl LiveView for People {
    type Extract = State<PubSub>;
    type Params = ();
    type Event = ();
    type Message = Heard<Presence<String>>;

    async fn mount(
        State(pub_sub): State<PubSub>,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { pub_sub, named: Vec::new(), n_present: 0 })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let person = format!("{:08}", LAST.fetch_add(1, Ordering::Relaxed));
        socket.subscribe_to(&self.pub_sub, &HERE, |heard| heard)?;
        let name = format!("Guest {person}");
        socket.track(&self.pub_sub, &HERE, &person, &name)?;
        self.look();
        Ok(())
    }

    async fn handle_message(&mut self, _: Heard<Presence<String>>, _: &mut Socket<Self>) -> Result {
        self.look();
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "People" }
            p { "Here: " output { (self.n_present) } }
            ul {
                @for person in &self.named { li key=(&person.person) { (person.who) } }
            }
        }
    }
}
