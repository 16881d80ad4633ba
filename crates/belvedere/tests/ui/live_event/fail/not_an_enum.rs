use belvedere::LiveEvent;

#[derive(LiveEvent)]
struct Refresh;

fn main() {}
