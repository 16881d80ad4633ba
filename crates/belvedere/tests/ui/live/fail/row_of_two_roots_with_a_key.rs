use belvedere::{live, template::Render};

fn page(ids: &[u32]) -> impl Render {
    live! {
        @for id in ids { dt key=(id) { (id) } dd { "Text" } }
    }
}

fn main() {
    page(&[]);
}
