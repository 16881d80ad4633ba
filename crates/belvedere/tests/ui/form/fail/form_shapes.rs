use belvedere::Form;

#[derive(Form)]
struct Tuple(String);

#[derive(Form)]
struct Borrowed<'a> {
    name: &'a str,
}

#[derive(Form)]
enum Shape {
    Circle,
    Square { side: u32 },
}

#[derive(Form)]
enum Nothing {}

#[derive(Form)]
struct Reserved {
    _name: String,
}

#[derive(Form)]
#[form(gard)]
struct Misspelt {
    #[form(max_row = 3)]
    rows: Vec<String>,
}

fn main() {}
