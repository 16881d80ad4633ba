//! One visitor: comes, does what people do, comes back when the socket is lost, and compares what is shown with
//! what was promised.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use load::browser::{BrowserError, Page, Tab};
use load::visitor::{Clicks, address, pause, random};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::deeds::{Act, Deed};
use crate::desk::DESK;
use crate::figures::Figures;
use crate::shown::{Shown, snapshot};

/// Between two deeds, about.
const BETWEEN_DEEDS: Duration = Duration::from_secs(4);

/// How long an answer may take while the socket stands.
pub(crate) const ANSWER: Duration = Duration::from_secs(60);

/// How long a page may take to load and join.
const COME: Duration = Duration::from_secs(90);

/// Tries of a visitor who is to leave.
const LAST_TRIES: usize = 20;

/// The code of a socket that is told to move.
const MOVE: u16 = 1012;

/// What is left of a visit.
pub(crate) struct Left {
    pub(crate) visitor: i64,
    pub(crate) acts: Vec<Act>,
    /// Whether the page was there at the end, and answered.
    pub(crate) is_here: bool,
}

pub(crate) struct Visitor {
    pub(crate) server: SocketAddr,
    from: IpAddr,
    pub(crate) number: i64,
    polls: bool,
    pub(crate) figures: Arc<Figures>,
    pub(crate) page: Option<Page>,
    /// What the desk shows; none before it has, and on the page away from it.
    pub(crate) shown: Option<Shown>,
    pub(crate) clicks: Clicks,
    /// What stands in the input.
    pub(crate) typed: u64,
    pub(crate) acts: Vec<Act>,
    pub(crate) n_files: usize,
}

/// Why a visitor is on the page no more.
pub(crate) enum Stop {
    /// Of his own will: the socket was dropped, or the page closed.
    Left,
    /// The socket is lost.
    Parted,
    /// No answer came, and the socket stood.
    Unanswered,
    /// This answer came, and refused what was asked.
    Refused(String),
}

impl From<BrowserError> for Stop {
    fn from(error: BrowserError) -> Self {
        match error {
            BrowserError::Refused { reply } => Self::Refused(reply),
            _ => Self::Parted,
        }
    }
}

impl Visitor {
    pub(crate) fn new(
        server: SocketAddr,
        number: usize,
        polls: bool,
        figures: Arc<Figures>,
    ) -> Self {
        Self {
            server,
            from: address(number),
            number: i64::try_from(number).unwrap_or(i64::MAX),
            polls,
            figures,
            page: None,
            shown: None,
            clicks: Clicks::default(),
            typed: 0,
            acts: Vec::new(),
            n_files: 0,
        }
    }

    /// Visits until told to stop, and then shows once more that the page is there.
    pub(crate) async fn visit(mut self, stopped: watch::Receiver<bool>) -> Left {
        let mut tries = 0;
        let is_here = loop {
            match timeout(COME, self.come()).await.unwrap_or(Err(BrowserError::Closed)) {
                Ok(mut tab) => {
                    tries = 0;
                    self.figures.here.add();
                    let is_over = self.stay(&mut tab, stopped.clone()).await;
                    if is_over && self.is_answered_still(&mut tab).await {
                        break true;
                    }
                    self.figures.here.sub();
                }
                Err(error) => self.refused(&error),
            }
            if *stopped.borrow() && tries > LAST_TRIES {
                break false;
            }
            sleep(pause(tries)).await;
            tries += 1;
        };
        Left { visitor: self.number, acts: self.acts, is_here }
    }

    /// Loads the page, unless it is there, joins it, and looks at what it shows.
    async fn come(&mut self) -> Result<Tab, BrowserError> {
        if self.page.is_none() {
            let page = Page::load_from(self.from, self.server, DESK).await?;
            self.page = Some(page.with_script());
            self.forget_desk();
        }
        let Some(page) = &mut self.page else { return Err(BrowserError::NotLive) };
        let is_back = page.mounts() > 0;
        let socket = match self.polls {
            false => page.socket(self.server).await?,
            true => page.polls(self.server).await?,
        };
        let mut tab = Tab::come(socket, self.server, page).await?;
        self.figures.joins.add();
        self.look(&mut tab);
        if !is_back {
            return Ok(tab);
        }
        if let Some(shown) = &self.shown {
            let difference = self.clicks.is_shown(shown.number);
            self.figures.differs(self.number, "came back", difference);
        }
        // As the client does: a form that was typed in is sent again.
        if self.typed > 0 {
            self.say_typed(&mut tab).await.map_err(|_| BrowserError::Closed)?;
            self.figures.recovered.add();
        }
        Ok(tab)
    }

    /// Acts until told to stop, which is true, or until the page or its socket is left.
    async fn stay(&mut self, tab: &mut Tab, mut stopped: watch::Receiver<bool>) -> bool {
        loop {
            let stayed = tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return true,
                rested = self.rest(tab) => rested,
            };
            let done = match stayed {
                Ok(()) => self.does(tab, Deed::any()).await,
                Err(error) => Err(error.into()),
            };
            if let Err(stop) = done {
                self.part(tab, &stop);
                return false;
            }
        }
    }

    /// Between two deeds, while the page is looked at.
    async fn rest(&mut self, tab: &mut Tab) -> Result<(), BrowserError> {
        let until = Instant::now() + BETWEEN_DEEDS / 2 + random(BETWEEN_DEEDS);
        while let Ok(received) = timeout_at(until, tab.receive()).await {
            received?;
            self.look(tab);
        }
        Ok(())
    }

    fn part(&mut self, tab: &mut Tab, stop: &Stop) {
        self.look(tab);
        match stop {
            Stop::Left => {}
            Stop::Parted => self.figures.parted.add(),
            Stop::Unanswered => self.figures.hung.add(),
            Stop::Refused(reply) => {
                println!("visitor {} was refused: {reply}", self.number);
                self.figures.events_refused.add();
            }
        }
        if tab.close_code() == Some(MOVE) {
            self.figures.moved.add();
        }
    }

    /// Takes what has come.
    pub(crate) fn look(&mut self, tab: &mut Tab) {
        for frame in tab.heard() {
            self.take(&frame);
        }
    }

    pub(crate) fn take(&mut self, frame: &str) {
        if let Some(shown) = Shown::of(frame) {
            self.shown = Some(shown);
        }
        if let (Some(kept), Some(page)) = (snapshot(frame), &mut self.page) {
            page.keep(kept);
        }
    }

    /// The desk is left, and the next one begins anew.
    pub(crate) fn forget_desk(&mut self) {
        (self.clicks, self.typed, self.shown) = (Clicks::default(), 0, None);
    }

    fn refused(&mut self, error: &BrowserError) {
        self.figures.refused.add();
        if let BrowserError::Refused { reply } = error
            && ["stale", "unauthorized", "reload"].iter().any(|reason| reply.contains(reason))
        {
            self.figures.loaded_anew.add();
            self.page = None;
        }
    }

    async fn is_answered_still(&mut self, tab: &mut Tab) -> bool {
        if self.shown.is_none() && self.navigate(tab, DESK).await.is_err() {
            return false;
        }
        self.click(tab).await.is_ok()
    }
}
