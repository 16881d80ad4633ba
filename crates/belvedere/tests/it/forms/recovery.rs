//! What the client sends once more when the connection is back, of a form that begins with a button.

use std::time::Duration;

use belvedere::js::{Js, Target};
use belvedere::testing::TestApp;
use belvedere::{Form, FormData, LiveConfig, LiveEvent, LiveForm, LiveRouter, LiveRuntime};
use belvedere::{LiveView, MountError, Render, Result, Socket, live};

use crate::views::{config, served};

#[derive(Form)]
struct List {
    is_public: bool,
    items: Vec<Item>,
}

#[derive(Form)]
struct Item {
    is_done: bool,
}

struct Page {
    form: LiveForm<List>,
}

#[derive(LiveEvent)]
enum Event {
    Change(FormData<List>),
}

impl LiveView for Page {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let list = List { is_public: true, items: vec![Item { is_done: true }] };
        Ok(Self { form: LiveForm::filled("list", &list) })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        let Event::Change(data) = event;
        self.form.change(data);
        Ok(())
    }

    fn render(&self) -> impl Render {
        let items = self.form.rows(|f| f.items);
        let change = || Js::new().dispatch("change", Target::This);
        live! {
            form field=(&self.form) phx-change=(Event::CHANGE) {
                button type="button" field=(items.add()) phx-click=(change()) { "Add" }
                label { input type="checkbox" field=(self.form.field(|f| f.is_public)); "Public" }
                @for item in items {
                    p key=(item.key()) {
                        input type="checkbox" field=(item.field(|i| i.is_done));
                    }
                }
            }
        }
    }
}

fn app(config: LiveConfig) -> TestApp {
    served(LiveRuntime::new(config), axum::Router::new().live::<Page>("/list"))
}

#[tokio::test]
async fn it_presses_no_button_and_ticks_no_box() {
    let new_view = LiveConfig { reconnect_grace: Duration::ZERO, ..config() };
    for config in [config(), new_view] {
        let mut page = app(config).get("/list").await.join().await;
        page.form("form").press("Add").await;
        page.form("form").uncheck("Public").await;
        page.form("form").uncheck("list[items][0][is_done]").await;
        let before = page.html();
        page.reconnect().await;
        assert_eq!(page.html(), before);
        assert!(!page.form("form").is_checked("Public"));
        assert_eq!(page.texts("p").len(), 2);
    }
}
