use belvedere::{live, template::Render};

struct Opaque;

fn page(opaque: Opaque) -> impl Render {
    live! { p { "It is " (opaque) } }
}

fn main() {
    page(Opaque);
}
