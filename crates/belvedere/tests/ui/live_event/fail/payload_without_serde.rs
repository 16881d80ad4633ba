use belvedere::LiveEvent;

struct UserId(u64);

struct UserForm {
    name: String,
}

#[derive(LiveEvent)]
enum Event {
    Delete { id: UserId },
    Save(UserForm),
}

fn main() {}
