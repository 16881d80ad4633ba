//! How many bytes one keystroke brings back.

use belvedere::{Form, FormData, LiveEvent, LiveForm, LiveRouter, LiveRuntime, LiveView};
use belvedere::{MountError, Render, Result, Socket, live};
use garde::Validate;

use crate::views::{config, served};

/// The form of three fields in the frames of the reference server, which takes 428 to 659 bytes.
#[derive(Form, Validate)]
#[form(garde)]
#[garde(allow_unvalidated)]
struct User {
    #[garde(length(min = 2))]
    name: String,
    #[garde(contains("@"))]
    email: String,
    bio: String,
}

struct Profile {
    form: LiveForm<User>,
}

#[derive(LiveEvent)]
enum Event {
    Validate(FormData<User>),
    Save(FormData<User>),
}

impl LiveView for Profile {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { form: LiveForm::new("user") })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Validate(data) => self.form.change(data),
            Event::Save(data) => drop(self.form.submit(data)),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let form = &self.form;
        let fields = [
            ("Name", form.field(|f| f.name)),
            ("Email", form.field(|f| f.email)),
            ("Bio", form.field(|f| f.bio)),
        ];
        live! {
            form field=(form) phx-change=(Event::VALIDATE) phx-submit=(Event::SAVE) {
                @for (label, field) in fields {
                    label field=(field) { (label) }
                    input type="text" field=(field);
                    p.error errors=(field) {}
                }
                button { "Save" }
            }
        }
    }
}

#[tokio::test]
async fn a_keystroke_brings_back_its_field_and_no_other() {
    let router = axum::Router::new().live::<Profile>("/form");
    let app = served(LiveRuntime::new(config()), router);
    let mut profile = app.get("/form").await.join().await;
    let unused = [("user[_unused_email]", ""), ("user[email]", ""), ("user[_unused_bio]", "")];
    let fields = |name| [&[("user[name]", name)], &unused[..], &[("user[bio]", "")]].concat();
    profile.change("form", "user[name]", &fields("a")).await;
    assert_eq!(profile.text("#user_name--error"), "length is lower than 2");
    assert_eq!(profile.text("#user_email--error"), "");
    assert!(profile.last_frame_bytes() <= 160, "{}", profile.last_frame_bytes());
    profile.change("form", "user[name]", &fields("Ada")).await;
    assert!(profile.last_frame_bytes() <= 140, "{}", profile.last_frame_bytes());
    profile.change("form", "user[name]", &fields("Adam")).await;
    assert!(profile.last_frame_bytes() <= 125, "{}", profile.last_frame_bytes());
}
