//! Work in threads, a few at a time, and no longer than somebody waits for it.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

/// Whether nobody waits for the work any more.
#[derive(Debug, Clone, Default)]
pub(super) struct IsLeft(Arc<AtomicBool>);

impl IsLeft {
    /// The same input, which cannot be read on once nobody waits any more.
    pub(super) fn end<R: Read>(self, input: R) -> impl Read {
        Ending { input, is_left: self }
    }
}

struct Ending<R> {
    input: R,
    is_left: IsLeft,
}

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.is_left.0.load(Ordering::Relaxed) {
            true => Err(io::Error::other("nobody waits for it any more")),
            false => self.input.read(buffer),
        }
    }
}

/// Waits for the work; dropped, it says that nobody does.
struct Waiting(IsLeft);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Does `work` in a thread when it is its turn. The turn is the thread's, since a thread goes on until it
/// sees that this was dropped.
pub(super) async fn in_turn<T: Send + 'static>(
    turns: Arc<Semaphore>,
    work: impl FnOnce(IsLeft) -> T + Send + 'static,
) -> belvedere::Result<(T, OwnedSemaphorePermit)> {
    let turn = turns.acquire_owned().await?;
    let waiting = Waiting(IsLeft::default());
    let is_left = waiting.0.clone();
    Ok(spawn_blocking(move || (work(is_left), turn)).await?)
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn the_turn_of_work_that_nobody_waits_for_is_over_when_its_thread_has_ended() {
        let turns = Arc::new(Semaphore::new(1));
        let (begins, begun) = oneshot::channel();
        let (goes_on, may_go_on) = std::sync::mpsc::channel();
        let (says, said) = oneshot::channel();
        let work = tokio::spawn(in_turn(Arc::clone(&turns), move |is_left| {
            let mut input = is_left.end(&b"text"[..]);
            let mut letter = [0];
            let before = input.read(&mut letter).is_ok();
            begins.send(()).expect("the test waits");
            may_go_on.recv().expect("the test says so");
            says.send((before, input.read(&mut letter).is_ok())).expect("the test waits");
        }));
        begun.await.expect("it begins");
        work.abort();
        assert!(work.await.expect_err("nobody waits for it").is_cancelled());
        assert_eq!(turns.available_permits(), 0, "the thread is still at work");
        goes_on.send(()).expect("the thread waits");
        assert_eq!(said.await, Ok((true, false)), "it reads no further");
        let _turn = turns.acquire().await.expect("the thread has ended");
    }
}
