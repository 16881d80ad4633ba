use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::*;
use crate::config::LiveConfig;
use crate::runtime::client::CompactHeaders;
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

/// A client that sends all of this at once, and goes when everything has come to rest.
struct HastyClient {
    frames: VecDeque<String>,
}

impl Transport for HastyClient {
    async fn receive(&mut self) -> Option<Incoming> {
        let Some(frame) = self.frames.pop_front() else {
            sleep(Duration::from_secs(1)).await;
            return Some(Incoming::Closed(Detached::Lost));
        };
        Some(Incoming::Text(frame.into(), None))
    }

    async fn send(&mut self, _: Text) -> Result<(), Gone> {
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    async fn close(&mut self, _: CloseReason) {}
}

fn connection<T: Transport>(transport: T) -> Connection<T> {
    let runtime = Arc::new(Runtime::new(LiveConfig::new(SecretKeyBase::random())));
    let client = Client {
        session: None,
        without_cookie: true,
        headers: CompactHeaders::default(),
        extensions: http::Extensions::default(),
    };
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
        assert_eq!(began.elapsed(), Duration::from_secs(seconds));
        assert_eq!((connection.transport.taken, connection.transport.closed), (0, None));
    }
}

#[tokio::test(start_paused = true)]
async fn joins_that_are_left_before_they_begin_leave_nothing_behind() {
    let join = r#"["1","1","lv:phx-a","phx_join",{"params":{},"session":"","static":null}]"#;
    let leave = r#"["1","2","lv:phx-a","phx_leave",{}]"#;
    let frames = [join, leave, join, leave].map(str::to_owned).into();
    let mut connection = connection(HastyClient { frames });
    connection.run().await;
    assert_eq!((connection.left.len(), connection.channels.len()), (0, 0));
}
