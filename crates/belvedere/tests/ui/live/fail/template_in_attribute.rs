use belvedere::{live, template::Render};

fn badge(n: u32) -> impl Render {
    live! { b { (n) } }
}

fn page() -> impl Render {
    live! { p title=(badge(1)) { (badge(1)) } }
}

fn main() {
    page();
}
