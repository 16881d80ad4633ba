//! Going to the holes of a node.

use super::{Fill, Mode, Node, Renderer};

/// A hole of a node: they are visited in order, each once. Two words, which calls hand over in registers.
#[derive(Clone, Copy, Debug)]
pub struct Hole {
    node: Node,
    index: u32,
    position: Position,
}

/// Where a hole stands, which matters to elements whose first line break is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Position {
    /// After nothing but holes of its template.
    First,
    /// First in such an element.
    Leading,
    Within,
}

/// Called by the expansion of `live!`.
#[doc(hidden)]
impl Node {
    #[must_use]
    pub fn hole(self, index: u32) -> Hole {
        Hole { node: self, index, position: Position::Within }
    }

    /// As `hole`, for one before which its template has nothing but holes.
    #[must_use]
    pub fn first_hole(self, index: u32) -> Hole {
        Hole { node: self, index, position: Position::First }
    }

    /// As `hole`, for the first in an element whose first line break is dropped.
    #[must_use]
    pub fn leading_hole(self, index: u32) -> Hole {
        Hole { node: self, index, position: Position::Leading }
    }
}

impl Hole {
    /// Its place among the holes of its node.
    pub(super) fn index(self) -> usize {
        self.index as usize
    }
}

impl Renderer {
    /// Goes to a hole, which is filled next.
    #[doc(hidden)]
    pub fn go_to(&mut self, hole: Hole) {
        let Node(statics) = hole.node;
        self.fill = Fill { is_filled: false, leads: self.may_lead(hole) };
        self.template = Some(statics);
        match self.mode {
            Mode::Html | Mode::Collect => self.text.push_str(statics.part(hole.index())),
            Mode::Diff => self.differ.hole = hole.index(),
        }
        if hole.position != Position::Within {
            self.text_start = if self.mode == Mode::Diff { 0 } else { self.text.len() };
        }
    }

    /// Whether nothing stands between the hole and the start of an element whose first line break is dropped.
    pub(super) fn may_lead(&self, hole: Hole) -> bool {
        match hole.position {
            Position::First => self.fill.leads,
            Position::Leading => true,
            Position::Within => false,
        }
    }
}
