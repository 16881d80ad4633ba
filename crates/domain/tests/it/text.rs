//! What may stand in a name or a task.

use domain::text::{Unfit, shown, unfit};

#[test]
fn a_text_is_a_line_that_is_seen_as_it_was_written() {
    for (text, expected) in [
        ("A\0nn", Some(Unfit::Control)),
        ("Ann\nBob", Some(Unfit::Control)),
        ("Ann\r", Some(Unfit::Control)),
        ("Ann\u{85}", Some(Unfit::Control)),
        ("Ann\u{2028}Bob", Some(Unfit::Control)),
        ("\u{202e}nnA", Some(Unfit::Direction)),
        ("Ann \u{2066}Bob\u{2069}", Some(Unfit::Direction)),
        ("\u{200b}", Some(Unfit::Unseen)),
        ("\u{feff} \u{3164}", Some(Unfit::Unseen)),
        ("\u{200d}\u{fe0f}\u{e0020}", Some(Unfit::Unseen)),
        ("", None),
        ("Zoë", None),
        ("می\u{200c}خواهم", None),
        ("👩\u{200d}💻", None),
        ("❤\u{fe0f}", None),
        ("שלום\u{200f}!", None),
    ] {
        assert_eq!(unfit(text), expected, "{text:?}");
    }
}

#[test]
fn what_cannot_be_refused_is_shown_without_signs_that_are_not_seen_as_written() {
    assert_eq!(shown("\u{202e}vsc.\0a\n\u{2028}b"), "\u{fffd}vsc.\u{fffd}a\u{fffd}\u{fffd}b");
    assert_eq!(shown("Zoë 👩\u{200d}💻.csv"), "Zoë 👩\u{200d}💻.csv");
}
