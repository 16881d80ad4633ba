use belvedere::LiveEvent;

#[derive(LiveEvent)]
enum Event<'a, T> {
    Rename { name: &'a str, value: T },
}

fn main() {}
