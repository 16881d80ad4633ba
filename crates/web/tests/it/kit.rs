//! The kit's parts on a page of their own: what a screen reader is told, and where links lead.

use axum::Router;
use belvedere::form::Choice as _;
use belvedere::testing::TestApp;
use belvedere::{
    Form, FormData, Js, LiveConfig, LiveEvent, LiveForm, LivePath, LiveRouter, LiveRuntime,
    LiveView, MountError, Render, Result, SecretKeyBase, Socket, live,
};
use serde::{Deserialize, Serialize};
use web::kit::dialog::dialog;
use web::kit::field;
use web::kit::pagination::pagination;
use web::kit::table::{Align, Order, sort_head, table};
use web::kit::undo::{undo, undo_place};

/// The page's URL.
#[derive(Clone, Serialize, Deserialize, LivePath)]
#[live_path("/kit")]
#[serde(default)]
struct KitPath {
    page: usize,
    by_age: bool,
    is_open: bool,
}

impl Default for KitPath {
    fn default() -> Self {
        Self { page: 1, by_age: false, is_open: false }
    }
}

#[derive(Form)]
struct Person {
    name: String,
    age: u8,
    meal: Meal,
    news: bool,
    notes: String,
}

#[derive(Form, Clone, Copy)]
enum Meal {
    Meat,
    NoMeat,
}

struct Kit {
    at: KitPath,
    form: LiveForm<Person>,
    n_undone: u32,
}

#[derive(LiveEvent)]
enum Event {
    Validate(FormData<Person>),
    Save(FormData<Person>),
    Undo,
    Dismiss,
}

impl LiveView for Kit {
    type Extract = ();
    type Params = KitPath;
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { at: KitPath::default(), form: LiveForm::new("person"), n_undone: 0 })
    }

    async fn handle_params(&mut self, at: KitPath, _: &mut Socket<Self>) -> Result<(), MountError> {
        self.at = at;
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Validate(data) => self.form.change(data),
            Event::Save(data) => {
                self.form.submit(data);
            }
            Event::Undo => self.n_undone += 1,
            Event::Dismiss => {}
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let at = |by_age| KitPath { by_age, ..self.at.clone() };
        let order = |is_sorted: bool| is_sorted.then_some(Order::Descending);
        live! {
            (table("people", "People",
                live! {
                    (sort_head("Name", Align::Start, order(!self.at.by_age), at(false)))
                    (sort_head("Age", Align::End, order(self.at.by_age), at(true)))
                },
                live! { tr { th scope="row" { "Ann" } td.number { "7" } } }))
            (pagination(self.at.page, 9, |page| KitPath { page, ..self.at.clone() }))
            @if self.at.is_open {
                (dialog("edit", "Edit Ann", KitPath { is_open: false, ..self.at.clone() }, form(&self.form)))
            }
            (undo_place((self.n_undone == 0).then(|| undo(
                7, "Ann was deleted.", Js::new().push(Event::Undo), Js::new().push(Event::Dismiss)))))
        }
    }
}

fn form(form: &LiveForm<Person>) -> impl Render {
    live! {
        form field=(form) phx-change=(Event::VALIDATE) phx-submit=(Event::SAVE) {
            (field::text("Name", form.field(|f| f.name)))
            (field::number("Age", form.field(|f| f.age)))
            (field::select("Meal", form.field(|f| f.meal), "Choose", |meal: &Meal| match meal {
                Meal::Meat => "With meat",
                Meal::NoMeat => "Without",
            }))
            (field::checkbox("Send news", form.field(|f| f.news)))
            (field::text_area("Notes", form.field(|f| f.notes)))
            button { "Save" }
        }
    }
}

fn visitor() -> TestApp {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let router = Router::new().live::<Kit>(KitPath::ROUTE);
    TestApp::new(&live, live.clone().serve(router))
}

#[tokio::test]
async fn each_input_has_its_label_and_its_error() {
    let mut page = visitor().get("/kit?is_open=true").await.join().await;
    for (name, label) in [("name", "Name"), ("age", "Age"), ("meal", "Meal"), ("notes", "Notes")] {
        assert_eq!(page.text(&format!("label[for='person_{name}']")), label);
    }
    assert_eq!(page.text("label:has(#person_news)"), "Send news");
    assert_eq!(page.texts("#person_meal option"), ["Choose", "With meat", "Without"]);
    assert_eq!(Meal::ALL.len(), 2);

    page.form("#person--form").fill("Age", "x").await;
    let described = page.attribute("#person_age", "aria-describedby").expect("an error's id");
    assert_eq!(page.text(&format!("#{described}")), "is not a whole number");
    assert_eq!(page.attribute("#person_age", "aria-invalid").as_deref(), Some("true"));
}

#[tokio::test]
async fn a_dialog_has_a_name_and_a_way_out() {
    let mut page = visitor().get("/kit?page=3&is_open=true").await.join().await;
    let role = page.attribute("#edit [aria-labelledby='edit-title']", "role");
    assert_eq!(role.as_deref(), Some("dialog"));
    assert_eq!(page.text("#edit-title"), "Edit Ann");
    page.click("#edit-close").await;
    assert_eq!(page.path(), "/kit?page=3&by_age=false&is_open=false");
    assert!(page.texts("[role='dialog']").is_empty());
    assert_eq!(page.loads(), 1, "it was a patch");
}

#[tokio::test]
async fn heads_and_page_numbers_are_links_that_say_where_one_is() {
    let mut page = visitor().get("/kit").await.join().await;
    assert_eq!(page.texts("th[aria-sort='descending']"), ["Name"]);
    page.click("th:nth-of-type(2) a").await;
    assert_eq!(page.texts("th[aria-sort='descending']"), ["Age"]);

    assert_eq!(page.texts(".pagination ol > li"), ["1", "2", "…", "9"]);
    assert_eq!(page.attribute("#previous-page", "aria-disabled").as_deref(), Some("true"));
    for attribute in ["href", "data-phx-link"] {
        assert_eq!(page.attribute("#previous-page", attribute), None, "it leads nowhere");
    }
    page.click("#next-page").await;
    assert_eq!(page.texts(".pagination [aria-current='page']"), ["2"]);
    assert_eq!(page.path(), "/kit?page=2&by_age=true&is_open=false");
    page.click("[aria-label='Page 9']").await;
    assert_eq!(page.attribute("#next-page", "href"), None);
}

#[tokio::test]
async fn what_was_done_can_be_taken_back() {
    let mut page = visitor().get("/kit").await.join().await;
    assert_eq!(page.text("[role='status'] span"), "Ann was deleted.");
    page.click("#undo-7").await;
    assert!(page.texts("[role='status'] *").is_empty());
}
