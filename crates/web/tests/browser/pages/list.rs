use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};

/// A keyed list with an input and a list in each row, and the same rows without ids.
pub(crate) struct List {
    rows: Vec<Row>,
}

#[derive(Clone)]
struct Row {
    key: char,
    text: String,
    children: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    /// The rows' keys in their new order; new keys are new rows.
    Arrange {
        keys: String,
    },
    Write {
        key: char,
        text: String,
    },
    /// The keys of a row's children.
    Nest {
        key: char,
        children: String,
    },
}

impl List {
    fn row(&self, key: char) -> Row {
        let known = self.rows.iter().find(|row| row.key == key).cloned();
        known.unwrap_or_else(|| Row { key, text: format!("row {key}"), children: "xy".into() })
    }

    fn find(&mut self, key: char) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.key == key)
    }
}

impl LiveView for List {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut list = Self { rows: Vec::new() };
        list.rows = "abc".chars().map(|key| list.row(key)).collect();
        Ok(list)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Arrange { keys } => {
                self.rows = keys.chars().map(|key| self.row(key)).collect();
            }
            Event::Write { key, text } => {
                if let Some(row) = self.find(key) {
                    row.text = text;
                }
            }
            Event::Nest { key, children } => {
                if let Some(row) = self.find(key) {
                    row.children = children;
                }
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            ul #rows {
                @for row in &self.rows {
                    li #{ "row-" (row.key) } key=(row.key) {
                        span { (row.text) }
                        input #{ "input-" (row.key) } name="text" value=(row.text);
                        ol {
                            @for child in row.children.chars() {
                                li #{ "child-" (row.key) (child) } key=(child) { (child) }
                            }
                        }
                    }
                }
            }
            ul #anonymous {
                @for row in &self.rows { li key=(row.key) { (row.text) @if row.key > 'b' { b { "!" } } } }
            }
        }
    }
}
