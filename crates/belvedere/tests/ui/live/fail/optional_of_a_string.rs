use belvedere::{live, template::Render};

fn page(title: &str) -> impl Render {
    live! { p { "Text" } p title=[title] { "Text" } }
}

fn main() {
    page("");
}
