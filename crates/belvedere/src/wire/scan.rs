//! Finding bytes in text, eight at a time: most texts are short, and most hold none of them.

/// A byte of 1 in each place, and the highest bit of each.
const ONES: u64 = u64::MAX / 0xff;
const HIGHS: u64 = ONES << 7;

/// What is looked for: one byte, or either of two that differ in one bit, which costs no more.
#[derive(Clone, Copy)]
pub(crate) struct Sought {
    byte: u8,
    /// The bits that count.
    mask: u8,
}

impl Sought {
    pub(crate) const fn byte(byte: u8) -> Self {
        Self { byte, mask: u8::MAX }
    }

    pub(crate) const fn either(byte: u8, other: u8) -> Self {
        let mask = !(byte ^ other);
        assert!(mask.count_zeros() == 1, "they differ in one bit");
        Self { byte: byte & mask, mask }
    }

    fn is(self, byte: u8) -> bool {
        byte & self.mask == self.byte
    }
}

/// Where the first byte is that is below `below` or is sought.
#[inline]
pub(crate) fn first_of<const N: usize>(
    text: &[u8],
    below: u8,
    sought: [Sought; N],
) -> Option<usize> {
    let (words, rest) = text.as_chunks();
    for (index, word) in words.iter().enumerate() {
        if let Some(at) = first_in(*word, below, sought) {
            return Some(index * 8 + at);
        }
    }
    match text.last_chunk() {
        // Bytes that were looked at already have shown that they are others.
        Some(last) if !rest.is_empty() => {
            first_in(*last, below, sought).map(|at| text.len() - 8 + at)
        }
        _ => rest
            .iter()
            .position(|byte| *byte < below || sought.iter().any(|sought| sought.is(*byte)))
            .map(|at| text.len() - rest.len() + at),
    }
}

/// The same of one word. A borrow can make a byte look found that comes after one that is, never the
/// first.
#[inline]
fn first_in<const N: usize>(word: [u8; 8], below: u8, sought: [Sought; N]) -> Option<usize> {
    let word = u64::from_le_bytes(word);
    let mut found = word.wrapping_sub(ONES * u64::from(below)) & !word;
    for Sought { byte, mask } in sought {
        let zero = (word & (ONES * u64::from(mask))) ^ (ONES * u64::from(byte));
        found |= zero.wrapping_sub(ONES) & !zero;
    }
    let found = found & HIGHS;
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_is_found(text in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'a')], 0..40)) {
            let expected = text.iter().position(|byte| *byte < 0x20 || b"\"\\".contains(byte));
            prop_assert_eq!(first_of(&text, 0x20, [b'"', b'\\'].map(Sought::byte)), expected);
            let expected = text.iter().position(|byte| b"ac".contains(byte));
            prop_assert_eq!(first_of(&text, 0, [Sought::either(b'a', b'c')]), expected);
        }
    }
}
