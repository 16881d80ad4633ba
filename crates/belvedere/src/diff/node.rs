//! Nodes: a template in a hole, or the root.

use super::{
    differ::{Differ, Frame, FrameKind, Root},
    tape,
};
use crate::template::statics::Statics;

impl Differ {
    /// Fills the hole, or the root, with a node whose holes follow.
    pub(crate) fn begin_node(&mut self, statics: &'static Statics) {
        let word = tape::node(statics.fingerprint);
        if !self.is_in_step_with(word) {
            self.push(word);
        }
        let resume = self.enter(word);
        self.cursor += 1;
        let kind = match (self.is_at_root(), statics.is_element) {
            (true, _) => FrameKind::Root,
            (false, true) => FrameKind::Element,
            (false, false) => FrameKind::Node,
        };
        self.push_frame(Frame { name: self.hole, kind, resume });
        if kind == FrameKind::Root {
            self.is_root_new = self.is_fresh;
            self.borrows =
                !self.is_fresh && matches!(self.root, Root::Component { donor: Some(_), .. });
            if self.borrows {
                self.fall_out_of_step();
            }
        }
        if self.is_fresh || self.borrows {
            self.open_frames();
            self.n_sent += 1;
        }
    }

    /// A fresh node carries its statics, after its holes: they mean "replace". With them it says
    /// whether it is one element.
    pub(crate) fn end_node(&mut self, statics: &'static Statics) {
        let (frame, is_open) = self.close_frame();
        match frame.kind {
            _ if !is_open => {}
            FrameKind::Root => self.end_root(statics),
            kind => {
                if self.is_fresh {
                    self.named_member("\"s\":");
                    self.templates.write(&mut self.out, statics);
                    if kind == FrameKind::Element {
                        self.out.push_str(",\"r\":1");
                    }
                }
                self.out.push('}');
            }
        }
        self.leave(frame.resume);
    }

    /// The root's own statics are never a number, which the client takes for a component's.
    fn end_root(&mut self, statics: &'static Statics) {
        if self.is_fresh {
            self.named_member("\"s\":");
            self.out.push_str(statics.json());
        }
        if let Root::Component { donor, .. } = self.root {
            self.end_component(donor);
        }
        self.templates.finish(&mut self.out);
    }
}
