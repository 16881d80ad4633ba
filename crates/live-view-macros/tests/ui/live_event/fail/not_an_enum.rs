use live_view::LiveEvent;

#[derive(LiveEvent)]
struct Refresh;

fn main() {}
