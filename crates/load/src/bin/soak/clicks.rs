//! What has become of the clicks on one desk.

/// The clicks since the desk was opened.
#[derive(Debug, Default)]
pub(crate) struct Clicks {
    /// Those that an answer has shown.
    answered: u64,
    /// Those that were sent, and never answered: each was taken once, or not at all.
    open: u64,
}

/// How the number that a desk shows differs from what was promised, in clicks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) lost: u64,
    pub(crate) twice: u64,
}

impl Clicks {
    /// One is sent.
    pub(crate) fn sent(&mut self) {
        self.open += 1;
    }

    /// The answer to the click that was sent last has come, with this number.
    pub(crate) fn is_answered(&mut self, number: u64) -> Difference {
        // It counts as answered from here on, whatever the desk shows.
        (self.answered, self.open) = (self.answered + 1, self.open.saturating_sub(1));
        self.is_shown(number)
    }

    /// The desk shows this number, after an answer or when the page has joined again.
    pub(crate) fn is_shown(&mut self, number: u64) -> Difference {
        let most = self.answered + self.open;
        let difference = Difference {
            lost: self.answered.saturating_sub(number),
            twice: number.saturating_sub(most),
        };
        // What is missing may still be on its way to a view that waits.
        (self.answered, self.open) = (number, most.saturating_sub(number).min(self.open));
        difference
    }
}
