use std::sync::Arc;

use axum::extract::State;
use belvedere::{LiveEvent, LiveView, MessageSender, MountError, Render, Result, Socket, live};
use tokio::sync::Semaphore;

/// What a test and its gate tell each other.
#[derive(Clone)]
pub(crate) struct Keeper {
    /// One for each callback that waits.
    pub(crate) arrived: Arc<Semaphore>,
    /// One for each that may go on.
    pub(crate) admitted: Arc<Semaphore>,
}

impl Default for Keeper {
    fn default() -> Self {
        let none = || Arc::new(Semaphore::new(0));
        Self { arrived: none(), admitted: none() }
    }
}

impl Keeper {
    /// Returns when a callback waits at the gate.
    pub(crate) async fn arrival(&self) {
        self.arrived.acquire().await.expect("nobody closes it").forget();
    }

    /// Lets one callback pass.
    pub(crate) fn admit(&self) {
        self.admitted.add_permits(1);
    }
}

/// Its callbacks wait until they are admitted; counts those that were.
pub(crate) struct Gate {
    keeper: Keeper,
    sender: MessageSender<()>,
    passed: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Pass,
    /// Sends itself so many messages, and waits.
    Flood {
        n: u32,
    },
}

impl LiveView for Gate {
    type Extract = State<Keeper>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        State(keeper): State<Keeper>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { keeper, sender: socket.sender(), passed: 0 })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        if let Event::Flood { n } = event {
            let refused = (0..n).filter(|_| self.sender.send(()).is_err()).count();
            assert_eq!(refused, 1, "only the last");
        }
        self.keeper.arrived.add_permits(1);
        self.keeper.admitted.acquire().await?.forget();
        self.passed += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { output { (self.passed) } }
    }
}
