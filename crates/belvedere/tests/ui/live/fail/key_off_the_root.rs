use belvedere::{live, template::Render};

fn page(ids: &[u32]) -> impl Render {
    live! {
        @for id in ids { li { b key=(id) { (id) } } }
        @for id in ids { hr; li key=(id) { (id) } }
        p key=(1) {}
    }
}

fn main() {
    page(&[]);
}
