use belvedere::Form;

#[derive(Form)]
#[form(check = far(home))]
struct User {
    #[form(max_rows = 3)]
    name: String,
    #[form(max_rows = 3)]
    plans: Vec<Plan>,
    #[form(constraint("users_home_key", "is taken"))]
    home: Home,
}

#[derive(Form)]
struct Home {
    city: String,
}

#[derive(Form)]
enum Plan {
    Free,
    ForTeams,
}

#[derive(Form)]
enum Colour {
    #[form(value)]
    Red,
}

fn far(_: &User, _: &mut belvedere::form::Errors<'_, User>) {}

fn main() {}
