//! What travels, and that a browser that merges it shows what the server rendered.

mod browser;
pub(crate) mod duplicates;
pub(crate) mod law;
mod list;
mod node;
mod stream;
pub(crate) mod stream_pages;
mod table;
mod templates;

use belvedere::{
    diff::{Memory, merge, to_html},
    template::{Render, diff},
};
use serde_json::{Map, Value};

/// The server's memory and the browser's tree of one view.
pub(crate) struct Client {
    memory: Memory,
    tree: Value,
}

impl Client {
    /// A browser that has nothing.
    pub(crate) fn new() -> Self {
        Self { memory: Memory::default(), tree: Value::Object(Map::new()) }
    }

    /// What the browser shows.
    pub(crate) fn html(&self) -> String {
        to_html(&self.tree).expect("a well-formed tree")
    }

    /// Sends the next render; returns the diff, after checking that the browser now shows it.
    pub(crate) fn render(&mut self, template: &(impl Render + ?Sized)) -> String {
        let mut sent = String::from("{");
        let changes = diff(template, &mut self.memory, &mut sent);
        sent.push('}');
        assert_eq!(changes.holes == 0, sent == "{}", "{changes:?} {sent}");
        merge(&mut self.tree, serde_json::from_str(&sent).expect(&sent)).expect(&sent);
        assert_eq!(
            to_html(&self.tree).expect(&sent),
            belvedere::template::to_html(template),
            "merged {sent}"
        );
        let mut again = String::new();
        assert_eq!(diff(template, &mut self.memory, &mut again).holes, 0, "sent twice: {again}");
        sent
    }
}

/// The HTML of a template as a browser that has nothing expands it.
pub(crate) fn fresh_html(template: &(impl Render + ?Sized)) -> String {
    let mut client = Client::new();
    client.render(template);
    to_html(&client.tree).expect("a full tree")
}

/// Checks what travels to a browser that has nothing, then from each template to the next.
macro_rules! diffs {
    ($($template:expr => $sent:expr),+ $(,)?) => {
        let mut client = $crate::diff::Client::new();
        $(assert_eq!(client.render(&$template), $sent);)+
    };
}
pub(crate) use diffs;
