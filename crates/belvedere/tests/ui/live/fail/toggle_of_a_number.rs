use belvedere::{live, template::Render};

fn page(id: u32) -> impl Render {
    live! { p hidden[id] { (id) } }
}

fn main() {
    page(1);
}
