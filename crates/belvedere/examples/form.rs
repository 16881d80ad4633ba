//! A team signs up: rows that come and go, errors where somebody was, and the same form as a plain
//! `POST` where there is no JavaScript.
//!
//! Run it with `cargo run -p belvedere --example form` and open http://localhost:4000; another port is
//! an argument, as in `cargo run -p belvedere --example form -- 4001`.

use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Router, routing::post};
use belvedere::template::to_html;
use belvedere::{Field, Form, FormData, LiveConfig, LiveEvent, LiveForm, LiveRouter, LiveRuntime};
use belvedere::{LiveView, MountError, Render, Result, SecretKeyBase, Socket, live};
use garde::Validate;

/// What the form asks for, and the rules for it.
#[derive(Form, Validate)]
#[form(garde)]
struct Team {
    #[garde(length(chars, min = 2, max = 40))]
    #[form(constraint("teams_name_key", "is taken"))]
    name: String,
    #[garde(skip)]
    city: Option<String>,
    #[garde(dive, length(min = 1))]
    #[form(max_rows = 11)]
    members: Vec<Member>,
}

#[derive(Form, Validate)]
struct Member {
    #[garde(contains("@"))]
    email: String,
    #[garde(range(min = 16))]
    age: u8,
    #[garde(skip)]
    captain: bool,
}

struct SignUp {
    form: LiveForm<Team>,
    /// The browser sends the form to its `action`, once it is right.
    is_right: bool,
}

#[derive(LiveEvent)]
enum Event {
    Validate(FormData<Team>),
    Save(FormData<Team>),
}

impl LiveView for SignUp {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { form: LiveForm::new("team"), is_right: false })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Validate(data) => self.form.change(data),
            Event::Save(data) => self.is_right = self.form.submit(data).is_some(),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        page(&self.form, self.is_right)
    }
}

fn page(form: &LiveForm<Team>, is_right: bool) -> impl Render {
    let members = form.rows(|f| f.members);
    live! {
        h1 { "Sign up a team" }
        form field=(form) method="post" action="/teams" phx-change=(Event::VALIDATE)
            phx-submit=(Event::SAVE) phx-trigger-action[is_right]
        {
            (text("Name", form.field(|f| f.name)))
            (text("City", form.field(|f| f.city)))
            @for row in members {
                fieldset key=(row.key()) {
                    (text("Email", row.field(|m| m.email)))
                    (text("Age", row.field(|m| m.age)))
                    label { input type="checkbox" field=(row.field(|m| m.captain)); "Captain" }
                    button field=(row.up()) { "Up" }
                    button field=(row.remove()) { "Remove" }
                }
            }
            p.error errors=(members) {}
            button field=(members.add()) { "Add a member" }
            button phx-disable-with="Saving…" { "Sign up" }
        }
    }
}

fn text<'a>(label: &'a str, field: Field<'a>) -> impl Render + 'a {
    live! {
        p {
            label field=(field) { (label) " " }
            input field=(field);
            small.error errors=(field) {}
        }
    }
}

/// What the form's `action` answers, with and without JavaScript.
async fn save(data: FormData<Team>) -> Response {
    let mut form = LiveForm::new("team");
    let Some(team) = form.submit(data) else {
        return Html(to_html(&page(&form, false))).into_response();
    };
    // A database may refuse what no rule can know.
    if team.name == "Bonn" && form.refused_by("teams_name_key") {
        return Html(to_html(&page(&form, false))).into_response();
    }
    Redirect::to("/teams").into_response()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let teams = post(save).get(|| async { "Thank you." });
    let app = live.serve(Router::new().live::<SignUp>("/").route("/teams", teams));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).await
}
