use live_view::{live, template::Render};

#[derive(Debug)]
enum Status {
    Open,
}

fn page(statuses: &[Status], latest: Option<u32>) -> impl Render {
    live! {
        @for status in statuses { li class=(status) { (status) } }
        p { (latest) }
    }
}

fn main() {
    page(&[Status::Open], None);
}
