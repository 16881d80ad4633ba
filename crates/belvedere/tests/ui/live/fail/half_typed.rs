use belvedere::{live, template::Render};

struct User {
    name: String,
}

fn page(user: User) -> impl Render {
    live! { p { (user.) } p { (user.name) } }
}

fn main() {
    page(User { name: String::new() });
}
