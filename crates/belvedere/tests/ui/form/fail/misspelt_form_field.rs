use belvedere::{Form, LiveForm};

#[derive(Form)]
struct User {
    email: String,
    address: Address,
    members: Vec<Member>,
}

#[derive(Form)]
struct Address {
    city: String,
}

#[derive(Form)]
struct Member {
    name: String,
}

fn main() {
    let form = LiveForm::<User>::new("user");
    form.field(|f| f.emial);
    form.field(|f| f.address.ctiy);
    for row in form.rows(|f| f.members) {
        row.field(|m| m.nmae);
    }
}
