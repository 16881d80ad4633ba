use belvedere::{live, template::Render};

fn page(is_new: bool) -> impl Render {
    live! { p { if is_new { "New" } } }
}

fn main() {
    page(true);
}
