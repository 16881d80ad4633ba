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
    live! { input field=("email"); };
    live! { button field=(form.field(|f| f.email)) {} };
    live! { form field=(form.field(|f| f.email)) {} };
    live! { p errors=("email") {} };
    form.field(|f| f.members);
}
