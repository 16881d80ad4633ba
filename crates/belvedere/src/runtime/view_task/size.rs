//! What a view takes that waits: its task has room for the largest of what it awaits, always.

use super::*;
use crate::error::MountError;
use crate::template::Render;

/// As large as it is now with what tests count, 1,608, and some room for changes of the compiler.
const MAX_BYTES: usize = 1_680;

struct Counter(u64);

impl LiveView for Counter {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(0))
    }

    fn render(&self) -> impl Render {
        self.0
    }
}

fn size_of_future<A, F: Future>(_: impl FnOnce(A) -> F) -> usize {
    size_of::<F>()
}

#[test]
fn a_view_waits_in_little_room() {
    let run = |(mut task, first): (ViewTask<Counter>, Box<Attachment>)| async move {
        task.run(first).await;
    };
    let bytes = size_of_future(run);
    assert!(
        bytes <= MAX_BYTES,
        "{bytes}, of which {} are the task's state",
        size_of::<ViewTask<Counter>>()
    );
}
