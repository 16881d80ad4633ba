//! A future polled on a thread of the SDK, which finds its timers and sockets in the application's
//! runtime all the same, for as long as that lives.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;

/// A runtime that futures of other threads are polled in.
///
/// A timer of a runtime that is being shut down panics when it is polled. So a task of that runtime,
/// which it drops before its timers, tells of its end, and not in the middle of a poll.
#[derive(Clone, Debug)]
pub(super) struct Within {
    runtime: Handle,
    life: Arc<Mutex<Life>>,
}

#[derive(Debug, Default)]
struct Life {
    has_ended: bool,
    /// Of the future that is waiting.
    waker: Option<Waker>,
}

impl Within {
    pub(super) fn new(runtime: Handle) -> Self {
        let life = Arc::new(Mutex::new(Life::default()));
        let canary = Canary(Arc::clone(&life));
        runtime.spawn(async move {
            let _canary = canary;
            std::future::pending::<()>().await;
        });
        Self { runtime, life }
    }

    /// Runs `future`; `None` when it panicked, or the runtime has ended.
    pub(super) async fn run<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = Box::pin(future);
        std::future::poll_fn(|context| self.poll(future.as_mut(), context)).await
    }

    fn poll<F: Future>(
        &self,
        future: Pin<&mut F>,
        context: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        let mut life = lock(&self.life);
        if life.has_ended {
            return Poll::Ready(None);
        }
        life.waker = Some(context.waker().clone());
        let _within = self.runtime.enter();
        match std::panic::catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_panic) => Poll::Ready(None),
        }
    }
}

/// Held by a task for as long as its runtime lives.
struct Canary(Arc<Mutex<Life>>);

impl Drop for Canary {
    fn drop(&mut self) {
        let waker = {
            let mut life = lock(&self.0);
            life.has_ended = true;
            life.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

fn lock(life: &Mutex<Life>) -> MutexGuard<'_, Life> {
    life.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    /// What the threads of this name said in panicking.
    fn panics_of(thread: &'static str) -> Arc<Mutex<Vec<String>>> {
        let panics = Arc::new(Mutex::new(Vec::new()));
        let (said, usual) = (Arc::clone(&panics), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().name() == Some(thread) {
                said.lock().unwrap().push(panic.to_string());
            } else {
                usual(panic);
            }
        }));
        panics
    }

    #[test]
    fn a_runtime_that_ends_ends_the_future_without_a_panic() {
        let panics = panics_of("within");
        let runtime = Runtime::new().unwrap();
        let within = Within::new(runtime.handle().clone());
        let (polled, is_polled) = mpsc::channel();
        let export = move || {
            let other = Builder::new_current_thread().build().unwrap();
            other.block_on(within.run(async move {
                let timer = tokio::time::sleep(Duration::from_secs(3600));
                polled.send(()).unwrap();
                timer.await;
            }))
        };
        let thread = std::thread::Builder::new().name("within".to_owned()).spawn(export).unwrap();
        is_polled.recv().unwrap();
        drop(runtime);
        assert_eq!(thread.join().unwrap(), None);
        assert_eq!(*panics.lock().unwrap(), [""; 0]);
    }

    #[test]
    fn a_future_finds_the_timers_of_the_runtime_and_may_panic() {
        let runtime = Runtime::new().unwrap();
        let within = Within::new(runtime.handle().clone());
        let other = Builder::new_current_thread().build().unwrap();
        let timer = async { tokio::time::sleep(Duration::ZERO).await };
        assert_eq!(other.block_on(within.run(timer)), Some(()));
        let panic = async { panic!("on purpose") };
        assert_eq!(other.block_on(within.run(panic)), None::<()>);
    }
}
