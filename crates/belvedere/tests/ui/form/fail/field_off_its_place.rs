use belvedere::{Form, LiveForm, live};

#[derive(Form)]
struct User {
    email: String,
    members: Vec<Member>,
}

#[derive(Form)]
struct Member {
    name: String,
}

fn main() {
    let form = &LiveForm::<User>::new("user");
    let email = form.field(|f| f.email);
    live! { p field=(email) {} };
    live! { select field=(email) { option { "One" } } };
    live! { input type="radio" field=(email); };
    live! { input type="submit" field=(email); };
    let kind = "email";
    live! { input type=(kind) field=(email); };
    let options = live! { option value="one" { "One" } };
    live! { select field=(email) { @if true { (options) } } };
}
