use belvedere::{live, template::Render};

fn page(names: Vec<String>) -> impl Render {
    live! { @for name in names { (name) } }
}

fn main() {
    page(Vec::new());
}
