use belvedere::{live, template::Render};

fn page(ids: &[u32]) -> impl Render {
    live! {
        @for id in ids {
            li {
                @let Some(next) = id.checked_add(1) else { continue };
                (next)
            }
        }
    }
}

fn main() {
    page(&[]);
}
