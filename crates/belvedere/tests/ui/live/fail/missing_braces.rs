use belvedere::{live, template::Render};

fn page(is_new: bool) -> impl Render {
    live! { @if is_new p { "New" } }
}

fn main() {
    page(true);
}
