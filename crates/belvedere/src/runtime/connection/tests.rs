use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::*;
use crate::config::LiveConfig;
use crate::runtime::client::Stranger;
use crate::runtime::mailbox::{Mail, Mailbox};
use crate::runtime::recipient::Recipient;
use crate::runtime::transport::Text;
use crate::wire::token::SecretKeyBase;

/// A client that is silent, and takes a frame after this long.
struct SlowClient {
    delay: Duration,
    taken: usize,
    closed: Option<CloseReason>,
}

impl Transport for SlowClient {
    async fn receive(&mut self) -> Option<Incoming> {
        std::future::pending().await
    }

    async fn send(&mut self, _: Text) -> Result<(), Gone> {
        sleep(self.delay).await;
        self.taken += 1;
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    async fn close(&mut self, reason: CloseReason) {
        self.closed = Some(reason);
    }
}

/// A client that sends each of these so many seconds after it has come, and takes what `sends` says.
struct Scripted {
    began: Instant,
    steps: VecDeque<(u64, Incoming)>,
    sends: Result<(), Gone>,
    /// It takes no answer to its goodbye.
    flushes: bool,
    closed: Option<(u64, CloseReason)>,
}

impl Scripted {
    fn new(steps: impl IntoIterator<Item = (u64, Incoming)>) -> Self {
        let steps = steps.into_iter().collect();
        Self { began: Instant::now(), steps, sends: Ok(()), flushes: true, closed: None }
    }
}

impl Transport for Scripted {
    async fn receive(&mut self) -> Option<Incoming> {
        let Some((seconds, _)) = self.steps.front() else { return std::future::pending().await };
        sleep_until(self.began + Duration::from_secs(*seconds)).await;
        self.steps.pop_front().map(|(_, incoming)| incoming)
    }

    async fn send(&mut self, _: Text) -> Result<(), Gone> {
        self.sends
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        if self.flushes { self.sends } else { std::future::pending().await }
    }

    async fn close(&mut self, reason: CloseReason) {
        self.closed = Some((self.began.elapsed().as_secs(), reason));
    }
}

fn said(text: impl Into<String>) -> Incoming {
    Incoming::Text(text.into().into(), None)
}

/// A view that is joined over the connection.
fn joined<T: Transport>(connection: &mut Connection<T>) -> Arc<Mailbox<()>> {
    let mailbox = Arc::new(Mailbox::new(256, Arc::default()));
    connection.channels.push(OpenChannel {
        topic: "lv:phx-a".into(),
        incarnation: 1,
        join_ref: "1".into(),
        state: ChannelState::Joined(Arc::clone(&mailbox) as Arc<dyn Recipient>),
    });
    mailbox
}

fn connection<T: Transport>(transport: T) -> Connection<T> {
    let runtime = Arc::new(Runtime::new(LiveConfig::new(SecretKeyBase::random())));
    let client = Client { stranger: Stranger::WithoutCookie, ..Client::default() };
    Connection::new(transport, runtime, Arc::new(client))
}

/// Serves a client that takes each frame after `delay`: `first`, if any, then three frames, then the
/// end.
async fn serve(delay: Duration, first: Option<Outgoing>) -> Connection<SlowClient> {
    let transport = SlowClient { delay, taken: 0, closed: None };
    let mut connection = connection(transport);
    let runtime = Arc::clone(&connection.runtime);
    first.into_iter().for_each(|first| connection.outbox.push(first));
    for _ in 0..3 {
        let ticket = runtime.in_flight.ticket();
        connection.outbox.push(Outgoing::Frame { text: Text::from(""), view: None, ticket });
    }
    connection.outbox.push(Outgoing::Close(CloseReason::GoingAway));
    connection.run().await;
    connection
}

#[tokio::test(start_paused = true)]
async fn each_frame_has_the_whole_time_to_be_taken() {
    let connection = serve(Duration::from_secs(20), None).await;
    assert_eq!(connection.transport.taken, 3);
    assert_eq!(connection.transport.closed, Some(CloseReason::GoingAway));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_given_up() {
    for (first, seconds) in [(None, 30), (Some(Outgoing::Drain), 2)] {
        let began = Instant::now();
        let connection = serve(Duration::from_secs(40), first).await;
        assert_eq!(began.elapsed().as_secs(), seconds);
        assert_eq!((connection.transport.taken, connection.transport.closed), (0, None));
    }
}

#[tokio::test(start_paused = true)]
async fn what_no_client_may_send_closes_a_socket_that_waits_for_its_views_to_end() {
    let steps = [(1, Incoming::Unreadable(CloseReason::Malformed))];
    let mut connection = connection(Scripted::new(steps));
    let _view = joined(&mut connection);
    connection.outbox.push(Outgoing::Drain);
    connection.run().await;
    assert_eq!(connection.transport.closed, Some((1, CloseReason::Malformed)));
}

#[tokio::test(start_paused = true)]
async fn who_sends_without_an_end_does_not_put_off_that_of_the_server() {
    let frames = (0..50).map(|_| (0, said("[")));
    let mut connection = connection(Scripted::new(frames));
    let config = LiveConfig::new(SecretKeyBase::random());
    let config = LiveConfig { drain_timeout: Duration::ZERO, ..config };
    connection.runtime = Arc::new(Runtime::new(config));
    let _view = joined(&mut connection);
    connection.outbox.push(Outgoing::Drain);
    connection.run().await;
    assert_eq!(connection.transport.closed, Some((0, CloseReason::Restart)));
    assert_eq!(connection.transport.steps.len(), 49, "frames that were not read");
}

#[tokio::test(start_paused = true)]
async fn joins_that_are_left_before_they_begin_leave_nothing_behind() {
    let join = r#"["1","1","lv:phx-a","phx_join",{"params":{},"session":"","static":null}]"#;
    let leave = r#"["1","2","lv:phx-a","phx_leave",{}]"#;
    let frames = [join, leave, join, leave].map(|frame| (0, said(frame)));
    let end = (1, Incoming::Closed(Detached::Lost));
    let mut connection = connection(Scripted::new(frames.into_iter().chain([end])));
    connection.run().await;
    assert_eq!((connection.left.len(), connection.channels.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_counts_that_was_not_read_when_writing_failed() {
    let steps = [(0, said("[")), (0, Incoming::Closed(Detached::Left))];
    let mut connection = connection(Scripted { sends: Err(Gone), ..Scripted::new(steps) });
    let view = joined(&mut connection);
    let ticket = connection.runtime.in_flight.ticket();
    connection.outbox.push(Outgoing::Frame { text: Text::from(""), view: None, ticket });
    connection.run().await;
    drop(connection);
    let (Mail::Detach { cause, .. }, _) = view.next().await else { panic!("its browser is gone") };
    assert_eq!(cause, Detached::Left);
}

#[tokio::test(start_paused = true)]
async fn views_hear_of_a_goodbye_before_the_client_has_taken_its_answer() {
    let steps = [(0, Incoming::Closed(Detached::Left))];
    let mut connection = connection(Scripted { flushes: false, ..Scripted::new(steps) });
    let view = joined(&mut connection);
    let began = Instant::now();
    let told = async {
        view.next().await;
        began.elapsed()
    };
    let ((), told) = tokio::join!(connection.run(), told);
    assert_eq!((told.as_secs(), began.elapsed().as_secs()), (0, 30));
}

/// Eight changes of a long text, one after the other.
fn changes() -> impl Iterator<Item = (u64, Incoming)> {
    let text = "x".repeat(200_000);
    (0..8).map(move |n| (0, said(format!(r#"["1","{n}","lv:phx-a","event",{{"v":"{text}"}}]"#))))
}

#[tokio::test(start_paused = true)]
async fn more_than_a_slow_view_handles_waits_to_be_read() {
    let end = (60, Incoming::Closed(Detached::Left));
    let mut connection = connection(Scripted::new(changes().chain([end])));
    let view = joined(&mut connection);
    let backlog = Arc::clone(&connection.backlog);
    let mut most = 0;
    let handle = async {
        for _ in 0..8 {
            // As a callback that takes so long.
            sleep(Duration::from_secs(5)).await;
            most = most.max(backlog.bytes());
            let (Mail::Frame { .. }, _) = view.next().await else { panic!("a change") };
        }
    };
    tokio::join!(connection.run(), handle);
    assert_eq!(connection.transport.closed, None);
    assert!((1_048_576..1_310_720).contains(&most), "{most}");
}

#[tokio::test(start_paused = true)]
async fn a_socket_whose_view_handles_nothing_is_closed_after_a_while() {
    let mut connection = connection(Scripted::new(changes()));
    let view = joined(&mut connection);
    connection.run().await;
    assert_eq!(connection.transport.closed, Some((30, CloseReason::Overload)));
    assert_eq!((view.len(), connection.runtime.protocol_errors()), (6, 1));
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_joins_are_refused_is_closed_as_one_that_never_joins() {
    let join = |n: u64| {
        let payload = r#"{"params":{},"session":"","static":null}"#;
        (n * 4, said(format!(r#"["{n}","{n}","lv:phx-a","phx_join",{payload}]"#)))
    };
    let mut connection = connection(Scripted::new((0..9).map(join)));
    connection.run().await;
    assert_eq!(connection.transport.closed, Some((15, CloseReason::Unused)));
}
