use std::time::SystemTime;

use belvedere::Form;

struct Day;

#[derive(Form)]
struct Stay {
    from: Day,
    until: Option<SystemTime>,
    nights: Vec<Day>,
}

fn main() {}
