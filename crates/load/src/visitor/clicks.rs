//! What has become of a visitor's clicks on one page that counts them.

/// The clicks since the page was opened.
#[derive(Debug, Default)]
pub struct Clicks {
    /// Those that an answer has shown.
    answered: u64,
    /// Those that were sent, and never answered: each was taken once, or not at all.
    open: u64,
}

/// How the number that a page shows differs from what was promised, in clicks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Were answered, and do not count.
    pub lost: u64,
    /// Count beyond all that were sent.
    pub twice: u64,
}

impl Clicks {
    /// One is sent.
    pub fn sent(&mut self) {
        self.open += 1;
    }

    /// The answer to the click that was sent last has come, with this number.
    pub fn is_answered(&mut self, number: u64) -> Difference {
        // It counts as answered from here on, whatever the page shows.
        (self.answered, self.open) = (self.answered + 1, self.open.saturating_sub(1));
        self.is_shown(number)
    }

    /// The page shows this number, after an answer or when it has joined again.
    pub fn is_shown(&mut self, number: u64) -> Difference {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn three_answered() -> Clicks {
        let mut clicks = Clicks::default();
        for number in 1..=3 {
            clicks.sent();
            assert_eq!(clicks.is_answered(number), Difference::default());
        }
        clicks
    }

    #[test]
    fn what_was_answered_has_to_be_there_once() {
        assert_eq!(three_answered().is_shown(3), Difference::default());
        assert_eq!(three_answered().is_shown(1), Difference { lost: 2, twice: 0 });
        assert_eq!(three_answered().is_shown(4), Difference { lost: 0, twice: 1 });
    }

    #[test]
    fn what_was_not_answered_may_be_there_once() {
        for (number, difference) in [(3, 0), (4, 0), (5, 1)] {
            let mut clicks = three_answered();
            clicks.sent();
            assert_eq!(clicks.is_shown(number), Difference { lost: 0, twice: difference });
        }
    }

    #[test]
    fn an_answer_to_a_later_click_may_count_an_earlier_one_too() {
        for (number, lost, twice) in [(3, 1, 0), (4, 0, 0), (5, 0, 0), (6, 0, 1)] {
            let mut clicks = three_answered();
            clicks.sent();
            clicks.sent();
            assert_eq!(clicks.is_answered(number), Difference { lost, twice });
        }
    }
}
