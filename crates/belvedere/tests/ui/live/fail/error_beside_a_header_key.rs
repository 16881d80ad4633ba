use belvedere::{live, template::Render};

fn page(ids: &[u32]) -> impl Render {
    live! {
        @for id in ids, key=(id) { p { (id) } }
        p title=1 { "Text" }
    }
}

fn main() {
    page(&[]);
}
