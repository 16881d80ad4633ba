//! Nodes: a template in a hole, or the root.

use super::{
    component::Donor,
    differ::{Differ, Frame, FrameKind, Root},
    json, tape,
};
use crate::template::Statics;

impl Differ {
    /// Fills the hole, or the root, with a node whose holes follow.
    pub(crate) fn begin_node(&mut self, statics: &'static Statics) {
        let word = tape::node(statics.fingerprint);
        self.tape.push(word);
        let resume = self.enter(word);
        self.cursor += 1;
        let kind = if self.is_at_root() { FrameKind::Root } else { FrameKind::Node };
        self.frames.push(Frame { name: self.hole, kind, resume });
        if kind == FrameKind::Root {
            self.is_root_new = self.is_fresh;
            self.borrows = !self.is_fresh && matches!(self.root, Root::Component(Some(_)));
        }
        if self.is_fresh || self.borrows {
            self.open_frames();
            self.n_sent += 1;
        }
    }

    /// A fresh node carries its statics, after its holes: they mean "replace".
    pub(crate) fn end_node(&mut self, statics: &'static Statics) {
        let (frame, is_open) = self.close_frame();
        if is_open {
            if self.is_fresh {
                self.named_member("\"s\":");
                self.out.push_str(statics.json());
            }
            if let Root::Component(donor) = self.root
                && frame.kind == FrameKind::Root
            {
                self.end_component(donor);
            }
            if frame.kind != FrameKind::Root {
                self.out.push('}');
            }
        }
        self.leave(frame.resume);
    }

    /// A component's tree says that it is one element, or whose statics say so.
    fn end_component(&mut self, donor: Option<Donor>) {
        match donor.filter(|_| self.borrows) {
            Some(donor) => {
                self.named_member("\"s\":");
                json::integer(&mut self.out, donor.reference());
            }
            None if self.is_fresh => self.out.push_str(",\"r\":1"),
            None => {}
        }
    }
}
