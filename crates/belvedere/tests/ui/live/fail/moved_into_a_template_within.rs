use belvedere::{Render, live};

fn page(title: String) -> impl Render {
    live! {
        @let heading = live! { h1 { (title) } };
        (heading)
        (title)
    }
}

fn main() {
    page(String::new());
}
