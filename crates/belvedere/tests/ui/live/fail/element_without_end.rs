use belvedere::{live, template::Render};

fn page(name: &str) -> impl Render {
    live! {
        h1 (name)
        p { Hello }
        input type="text" name="name"
    }
}

fn main() {
    page("Ada");
}
