use belvedere::{live, template::Render};

fn page() -> impl Render {
    live! {
        form {
            input name="title"
            button { "Save" }
        }
        br {}
    }
}

fn main() {
    page();
}
