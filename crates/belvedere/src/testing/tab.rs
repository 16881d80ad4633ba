//! [`Tab`]: the socket of one page, which its views share.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::mpsc::Sender;

use crate::runtime::transport::{Incoming, Text};
use crate::testing::transport::{BrowserEnd, Sent};

/// One socket; clones share it. Dropping the last one is a lost connection.
#[derive(Clone, Debug)]
pub(super) struct Tab(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    browser: BrowserEnd,
    /// Frames that no nested view awaits.
    of_page: VecDeque<Text>,
    /// Frames for nested views, by topic.
    of_nested: HashMap<String, VecDeque<Text>>,
    closed: Option<u16>,
    /// Where a view that is not the page's own has sent the page.
    page_goes: Option<Value>,
    /// What the address bar shows.
    url: String,
    /// The last reference of a message, which no two of this socket share.
    last_ref: u64,
    /// How many files were chosen on this page, in all its views: their refs.
    n_files: u64,
}

/// Whose frames are taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reader<'a> {
    Page,
    Nested(&'a str),
}

impl Tab {
    pub(super) fn new(browser: BrowserEnd) -> Self {
        let (of_page, of_nested) = (VecDeque::new(), HashMap::new());
        let (closed, page_goes, url) = (None, None, String::new());
        let (last_ref, n_files) = (4, 0);
        let state =
            State { browser, of_page, of_nested, closed, page_goes, url, last_ref, n_files };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The reference of the next message.
    pub(super) fn next_ref(&self) -> u64 {
        let mut state = self.state();
        state.last_ref += 1;
        state.last_ref
    }

    /// The ref of the first of so many files that are chosen now.
    pub(super) fn next_files(&self, n_files: usize) -> u64 {
        let mut state = self.state();
        let first = state.n_files;
        state.n_files += n_files as u64;
        first
    }

    /// Keeps the frames of a nested view apart from now on.
    pub(super) fn open(&self, topic: &str) {
        self.state().of_nested.entry(topic.to_owned()).or_default();
    }

    /// A view sends the page on, which travels when it next looks.
    pub(super) fn send_page(&self, redirect: Value) {
        self.state().page_goes = Some(redirect);
    }

    /// Where the page was sent.
    pub(super) fn page_goes(&self) -> Option<Value> {
        self.state().page_goes.take()
    }

    /// The page says what the address bar shows.
    pub(super) fn shows(&self, url: &str) {
        url.clone_into(&mut self.state().url);
    }

    /// What the address bar shows.
    pub(super) fn shown(&self) -> String {
        self.state().url.clone()
    }

    /// A socket that the server has closed takes nothing, as in a browser.
    pub(super) async fn send(&self, incoming: Incoming) {
        let _ = self.to_server().send(incoming).await;
    }

    /// Whether the browser takes what it is sent, from now on.
    pub(super) fn set_reads(&self, reads: bool) {
        self.state().browser.reads.send_replace(reads);
    }

    /// Returns when the server has closed the socket.
    pub(super) async fn closed(&self) {
        self.to_server().closed().await;
    }

    /// The code with which the server has closed the socket.
    pub(super) fn close_code(&self) -> Option<u16> {
        self.state().closed
    }

    /// What the server has sent to `reader`.
    pub(super) fn take(&self, reader: Reader<'_>) -> VecDeque<Text> {
        let mut state = self.state();
        while let Ok(sent) = state.browser.from_server.try_recv() {
            match sent {
                Sent::Text(text) => state.sort(text),
                Sent::Closed(code) => state.closed = Some(code),
            }
        }
        match reader {
            Reader::Page => std::mem::take(&mut state.of_page),
            Reader::Nested(topic) => {
                state.of_nested.get_mut(topic).map(std::mem::take).unwrap_or_default()
            }
        }
    }

    fn to_server(&self) -> Sender<Incoming> {
        self.state().browser.to_server.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn sort(&mut self, text: Text) {
        let frame: Value = serde_json::from_str(&text).unwrap_or_default();
        let topic = frame[2].as_str().unwrap_or_default();
        self.of_nested.get_mut(topic).unwrap_or(&mut self.of_page).push_back(text);
    }
}
