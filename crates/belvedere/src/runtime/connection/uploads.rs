//! Files that come over a connection: their topics, and the parts of them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::time::Instant;

use super::Connection;
use super::channels::{ChannelState, OpenChannel, join_ref_of};
use crate::runtime::in_flight::Ticket;
use crate::runtime::recipient::Detached;
use crate::runtime::told::Bound;
use crate::runtime::transport::Transport;
use crate::upload::UploadError;
use crate::upload::budget::Sender;
use crate::upload::channel::UploadChannel;
use crate::upload::transfer::{Beginning, Transfer};
use crate::wire::frame::{Frame, Payload};
use crate::wire::keys;
use crate::wire::reply::{Address, Status};
use crate::wire::response::{JoinRefusal, UploadRefusal};
use crate::wire::token::UploadToken;

impl<T: Transport> Connection<T> {
    /// Begins an upload that a view of this connection has granted.
    pub(super) fn join_upload(&mut self, frame: &Frame<'_>, ticket: Ticket) {
        match self.begin_upload(frame) {
            Ok(channel) => channel.reply(frame.message_ref.as_deref(), ticket, Ok(())),
            Err(refusal) => self.refuse_upload(frame, ticket, refusal),
        }
    }

    fn begin_upload(&mut self, frame: &Frame<'_>) -> Result<Arc<UploadChannel>, UploadRefusal> {
        let transfer = self.granted(frame).ok_or(UploadRefusal::InvalidToken)?;
        if self.n_coming() >= self.runtime.config.max_uploads_per_socket {
            transfer.refuse(UploadError::NoRoom);
            return Err(UploadRefusal::TooMany);
        }
        let join_ref = join_ref_of(frame);
        let incarnation = self.runtime.next_incarnation();
        let channel = UploadChannel {
            incarnation,
            address: Address::new(Some(&join_ref), &frame.topic),
            outbox: Arc::clone(&self.outbox),
            in_flight: Arc::clone(&self.runtime.in_flight),
            is_closed: AtomicBool::new(false),
        };
        let sender = Sender { session: self.client.session, network: self.client.network };
        let begun = transfer.begin(Beginning {
            channel,
            store: &self.runtime.uploads,
            sender,
            metrics: &self.runtime.metrics,
        });
        if let Err(UploadRefusal::NoRoom) = begun {
            self.runtime.told.refused(Bound::Uploads, self.client.network);
        }
        let channel = begun?;
        let (topic, state) = (Box::from(&*frame.topic), ChannelState::Uploading(transfer));
        self.channels.push(OpenChannel { topic, incarnation, join_ref, state });
        Ok(channel)
    }

    /// What a join's token stands for: a grant of a view that is joined on this very socket, now.
    fn granted(&self, frame: &Frame<'_>) -> Option<Arc<Transfer>> {
        let join = frame.upload_join().ok()?;
        let token = UploadToken::verify(&join.token, &self.runtime.keys, SystemTime::now()).ok()?;
        let entry: u64 = frame.topic.strip_prefix(keys::TOPIC_UPLOAD_PREFIX)?.parse().ok()?;
        let is_granter = |open: &OpenChannel| {
            open.incarnation == token.view && matches!(open.state, ChannelState::Joined(_))
        };
        let transfer = self.runtime.grants.find(token.grant)?;
        let is_it = entry == token.entry
            && self.channels.iter().any(is_granter)
            && transfer.is_of(token.view, &token.upload, token.entry);
        is_it.then_some(transfer)
    }

    /// Hands a part of a file to its upload. One that comes out of turn ends it.
    pub(super) fn read_binary(
        &mut self,
        bytes: &Bytes,
        is_cut: bool,
        now: Instant,
        ticket: Ticket,
    ) {
        let frame = match Frame::from_binary(bytes) {
            Ok(frame) => frame,
            Err(error) => {
                self.pace.count(now);
                return self.runtime.protocol_error(error.reason());
            }
        };
        let open = self.channels.iter().find(|open| *open.topic == *frame.topic);
        let transfer = match open {
            Some(open) if !open.is_meant_by(&frame) => {
                self.pace.count(now);
                return;
            }
            Some(OpenChannel { state: ChannelState::Uploading(transfer), .. })
                if &*frame.event == keys::CHUNK =>
            {
                Arc::clone(transfer)
            }
            _ => {
                self.pace.count(now);
                self.runtime.protocol_error("binary");
                return self.answer(&frame, Status::Error, ticket, |out| {
                    JoinRefusal::UnmatchedTopic.write(out);
                });
            }
        };
        let part = match frame.payload {
            Payload::Binary(part) if !is_cut => bytes.slice_ref(part),
            // Of a message that is too long only the beginning is here.
            Payload::Binary(_) | Payload::Json(_) => Bytes::new(),
        };
        if transfer.is_crumb(&part) {
            self.pace.count(now);
        }
        let load = self.backlog.take(part.len());
        let message_ref = frame.message_ref.as_deref();
        let answered = self.runtime.in_flight.ticket();
        if let Err(refusal) = transfer.part(part, message_ref, ticket, load) {
            self.refuse_upload(&frame, answered, refusal);
            if let Some(open) = self.take_channel(|open| *open.topic == *frame.topic) {
                self.end(&open, Detached::Left);
            }
        }
    }

    fn refuse_upload(&self, frame: &Frame<'_>, ticket: Ticket, refusal: UploadRefusal) {
        self.runtime.metrics.upload_refused(refusal.counted_as());
        tracing::debug!(reason = refusal.counted_as(), "an upload was refused");
        self.answer(frame, Status::Error, ticket, |out| refusal.write(out));
    }

    pub(super) fn n_uploads(&self) -> usize {
        let is_upload = |open: &&OpenChannel| matches!(open.state, ChannelState::Uploading(_));
        self.channels.iter().filter(is_upload).count()
    }

    /// How many files come now. Those that are here wait on their topics until they are taken.
    fn n_coming(&self) -> usize {
        let is_coming = |open: &&OpenChannel| match &open.state {
            ChannelState::Uploading(transfer) => transfer.is_running(),
            _ => false,
        };
        self.channels.iter().filter(is_coming).count()
    }
}
