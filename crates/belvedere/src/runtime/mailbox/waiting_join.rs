//! The one join that may wait for a view.
//!
//! A browser may join again and again while a callback takes its time, and each join comes with a URL
//! and a way to mount the view anew. Only the last can be answered to anybody.

use std::collections::VecDeque;

use super::Mail;
use crate::runtime::attachment::Attachment;
use crate::runtime::in_flight::Ticket;

/// Makes place for `newer`: takes the join out that waits already, to be dropped, which refuses it. What
/// the browser sent before and nobody has handled counts on the connection of the newer one.
pub(super) fn replace<M>(
    queue: &mut VecDeque<(Mail<M>, Option<Ticket>)>,
    newer: &Attachment,
) -> Option<(Mail<M>, Option<Ticket>)> {
    let mut waiting = None;
    for (index, (mail, _)) in queue.iter_mut().enumerate() {
        match mail {
            Mail::Attach(_) => waiting = Some(index),
            Mail::Frame(frame) => frame.load.move_to(&newer.load),
            _ => {}
        }
    }
    queue.remove(waiting?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::Instant;

    use crate::runtime::attachment::{Attachment, Channel, JoinCount};
    use crate::runtime::backlog::Backlog;
    use crate::runtime::client_frame::ClientFrame;
    use crate::runtime::in_flight::InFlight;
    use crate::runtime::mailbox::{Inbox, Mail, Mailbox};
    use crate::runtime::outbox::{Outbox, Outgoing};
    use crate::runtime::recipient::Recipient;
    use crate::wire::frame::{Frame, Payload};
    use crate::wire::reply::Address;

    /// A join of the topic over the connection with this backlog.
    fn join(incarnation: u64, outbox: &Arc<Outbox>, backlog: &Arc<Backlog>) -> Box<Attachment> {
        let in_flight = Arc::<InFlight>::default();
        let ticket = in_flight.ticket();
        let channel = Channel {
            incarnation,
            topic: "lv:phx-a".into(),
            address: Address::new(Some("4"), "lv:phx-a"),
            outbox: Arc::clone(outbox),
            client: Arc::default(),
            in_flight,
            connected: None,
            is_taken: false,
            place: None,
        };
        Box::new(Attachment::new(channel, JoinCount::default(), ticket, backlog.take(10)))
    }

    #[tokio::test]
    async fn of_many_joins_the_last_waits_and_all_others_are_refused() {
        let (outbox, backlog) = (Arc::<Outbox>::default(), Backlog::alone(1000));
        let mailbox = Mailbox::<()>::new(9, Arc::default());
        for number in 0..500 {
            assert!(mailbox.attach(join(number, &outbox, &backlog)).is_ok());
        }
        assert_eq!((mailbox.len(), backlog.bytes()), (1, 10));
        let ended =
            std::iter::from_fn(|| outbox.try_next()).filter_map(|outgoing| match outgoing {
                Outgoing::Ended { incarnation } => Some(incarnation),
                _ => None,
            });
        assert_eq!(ended.collect::<Vec<_>>(), (0..499).collect::<Vec<_>>());
        let (Mail::Attach(mut last), _) = mailbox.next().await else { panic!("a join waits") };
        assert_eq!(last.take_channel().unwrap().incarnation, 499);
    }

    #[test]
    fn frames_of_the_connection_before_count_on_the_one_that_joins_anew() {
        let (outbox, old, new) = (Arc::<Outbox>::default(), Backlog::alone(50), Backlog::alone(50));
        let in_flight = Arc::<InFlight>::default();
        let mailbox = Mailbox::<()>::new(9, Arc::clone(&in_flight));
        let frame = Frame {
            join_ref: None,
            message_ref: None,
            topic: "lv:phx-a".into(),
            event: "event".into(),
            payload: Payload::Json("null"),
        };
        for _ in 0..4 {
            let frame = ClientFrame::of(&frame, 1, None, Instant::now(), old.take(10)).unwrap();
            mailbox.post_frame(frame, in_flight.ticket());
        }
        assert!(mailbox.attach(join(2, &outbox, &new)).is_ok());
        assert_eq!((old.bytes(), new.bytes(), new.is_full()), (0, 50, true));
    }
}
