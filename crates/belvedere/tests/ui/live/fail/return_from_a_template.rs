use belvedere::{live, template::Render};

fn page(id: Option<u32>) -> impl Render {
    live! {
        @let Some(id) = id else { return };
        (id)
    }
}

fn main() {
    page(None);
}
