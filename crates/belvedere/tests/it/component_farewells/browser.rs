//! A browser that is behind: what the server has sent waits for it, and so does what it says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use belvedere::diff::{merge, to_html};
use belvedere::testing::TestView;
use serde_json::{Value, json};

/// Numbers of components.
pub(super) type Numbers = BTreeSet<u64>;

/// What waits for the browser.
#[derive(Debug)]
enum FromServer {
    Diff(Value),
    /// To `cids_will_destroy`.
    Noted(Numbers),
    /// To `cids_destroyed`: these are gone.
    Gone(Vec<u64>),
}

/// What waits for the server.
#[derive(Clone, Debug)]
enum ToServer {
    WillDestroy(Numbers),
    Destroyed(Numbers),
}

/// The browser's tree and what it has to say of components, as the client does it.
pub(super) struct Browser {
    tree: Value,
    shown: Numbers,
    n_read: usize,
    from_server: VecDeque<FromServer>,
    to_server: VecDeque<ToServer>,
    /// Taken out of the page, but still fading.
    fading: Numbers,
}

/// The numbers of the components in a page, by the ids of their rooms.
pub(super) fn numbers(html: &str) -> BTreeMap<u32, u64> {
    let rooms = html.split("<section id=\"room-").skip(1);
    let room = |text: &str| {
        let (id, rest) = text.split_once("\" data-number=\"")?;
        Some((id.parse().ok()?, rest.split('"').next()?.parse().ok()?))
    };
    rooms.filter_map(room).collect()
}

/// The same with the rooms that `diff` brings into the page of `tree` in rows beyond their limit.
pub(super) fn brought(tree: &Value, diff: &Value) -> BTreeMap<u32, u64> {
    let (mut tree, mut diff) = (tree.clone(), diff.clone());
    lift_limits(&mut diff);
    merge(&mut tree, diff).expect("a diff that can be merged");
    numbers(&to_html(&tree).expect("a tree that can be shown"))
}

fn lift_limits(diff: &mut Value) {
    let Value::Object(node) = diff else { return };
    if let Some(Value::Array(inserts)) = node.get_mut("stream").and_then(|stream| stream.get_mut(1))
    {
        inserts.iter_mut().for_each(|insert| insert[2] = Value::Null);
    }
    node.values_mut().for_each(lift_limits);
}

impl Browser {
    /// After a join.
    pub(super) fn joined(view: &TestView) -> Self {
        let mut browser = Self {
            tree: json!({}),
            shown: Numbers::new(),
            n_read: 0,
            from_server: VecDeque::new(),
            to_server: VecDeque::new(),
            fading: Numbers::new(),
        };
        browser.read(view);
        browser.apply(usize::MAX, false);
        browser
    }

    /// After another join. Of what the browser had still to say, some comes late.
    pub(super) fn rejoined(&mut self, view: &TestView) {
        let mut to_server = std::mem::take(&mut self.to_server);
        to_server.retain(|said| matches!(said, ToServer::Destroyed(_)));
        *self = Self { to_server, ..Self::joined(view) };
    }

    /// What the server has sent waits.
    pub(super) fn read(&mut self, view: &TestView) {
        let diffs = view.diffs().iter().skip(self.n_read).cloned();
        self.from_server.extend(diffs.map(FromServer::Diff));
        self.n_read = view.diffs().len();
    }

    /// Takes as much of what waits, and says farewell to what that leaves without an element: at once
    /// or, when elements fade, later.
    pub(super) fn apply(&mut self, n_messages: usize, fades: bool) {
        for _ in 0..n_messages {
            match self.from_server.pop_front() {
                None => return,
                Some(FromServer::Diff(diff)) => {
                    let before = std::mem::take(&mut self.shown);
                    let brought = brought(&self.tree, &diff);
                    merge(&mut self.tree, diff.clone()).unwrap_or_else(|error| {
                        panic!("{error}: {diff} into {}", self.tree);
                    });
                    self.shown = numbers(&self.html()).into_values().collect();
                    let known = before.into_iter().chain(brought.into_values());
                    let gone: Numbers =
                        known.filter(|number| !self.shown.contains(number)).collect();
                    if fades {
                        self.fading.extend(gone);
                    } else {
                        self.will_destroy(&gone);
                    }
                }
                Some(FromServer::Noted(numbers)) => {
                    let still: Numbers = numbers.difference(&self.shown).copied().collect();
                    if !still.is_empty() {
                        self.to_server.push_back(ToServer::Destroyed(still));
                    }
                }
                Some(FromServer::Gone(numbers)) => {
                    // A page that came anew since then may have no component at all.
                    let Some(components) = self.tree.get_mut("c") else { continue };
                    for number in numbers {
                        components.as_object_mut().unwrap().remove(&number.to_string());
                    }
                }
            }
        }
    }

    /// What fades is gone.
    pub(super) fn end_fades(&mut self) {
        let faded = std::mem::take(&mut self.fading);
        self.will_destroy(&faded);
    }

    fn will_destroy(&mut self, numbers: &Numbers) {
        let gone: Numbers = numbers.difference(&self.shown).copied().collect();
        if !gone.is_empty() {
            self.to_server.push_back(ToServer::WillDestroy(gone));
        }
    }

    /// Lets the server have one of the browser's messages; the numbers that it was told are gone.
    pub(super) async fn deliver(&mut self, view: &mut TestView) -> Option<Numbers> {
        match self.to_server.pop_front()? {
            ToServer::WillDestroy(numbers) => {
                view.send("cids_will_destroy", json!({ "cids": numbers })).await;
                self.read(view);
                self.from_server.push_back(FromServer::Noted(numbers));
                None
            }
            ToServer::Destroyed(numbers) => {
                view.send("cids_destroyed", json!({ "cids": numbers })).await;
                self.read(view);
                let reply = view.replies().last().expect("a reply")["response"]["cids"].clone();
                let gone = serde_json::from_value(reply).expect("numbers");
                self.from_server.push_back(FromServer::Gone(gone));
                Some(numbers)
            }
        }
    }

    pub(super) fn html(&self) -> String {
        to_html(&self.tree).expect("a tree that can be shown")
    }
}
