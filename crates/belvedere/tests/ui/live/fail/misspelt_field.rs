use belvedere::{live, template::Render};

struct User {
    name: String,
}

fn page(user: User) -> impl Render {
    live! { h1 { "User" } p { (user.nmae) } }
}

fn main() {
    page(User { name: String::new() });
}
