//! Nodes: a template in a hole, or the root.

use super::{
    differ::{Differ, Frame, FrameKind},
    tape,
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
        if self.is_fresh {
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
            if frame.kind != FrameKind::Root {
                self.out.push('}');
            }
        }
        self.leave(frame.resume);
    }
}
