//! The header of a WebSocket frame: opcode, length, mask.

/// The longest header: two bytes, eight of a length, four of a mask.
const MAX_BYTES: usize = 14;

const LAST: u8 = 0b1000_0000;
/// Bits that only an extension sets, of which none is spoken here.
const RESERVED: u8 = 0b0111_0000;
const OPCODE: u8 = 0b0000_1111;
const CONTROL: u8 = 0b0000_1000;
const MASKED: u8 = 0b1000_0000;
const LENGTH: u8 = 0b0111_1111;
/// In place of a length: it follows in two bytes.
const TWO_BYTES: u8 = 126;
/// In place of a length: it follows in eight bytes.
const EIGHT_BYTES: u8 = 127;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// Most bytes of a ping and the like.
const MAX_CONTROL_BYTES: u64 = 125;
/// A length has one bit less than there is room for.
const MAX_LENGTH: u64 = u64::MAX >> 1;

/// What a header says.
#[derive(Debug)]
pub(super) struct FrameHeader {
    pub(super) opcode: u8,
    /// The message ends with this frame.
    pub(super) is_last: bool,
    pub(super) mask: Mask,
    pub(super) n_bytes: usize,
    /// It is a whole binary message.
    pub(super) is_plain_binary: bool,
    /// A client may send it; what may come after what is not looked at.
    pub(super) is_sound: bool,
}

impl FrameHeader {
    /// Whether the frame is a message or a part of one.
    pub(super) fn is_data(&self) -> bool {
        self.opcode & CONTROL == 0
    }

    /// Whether a message begins with it.
    pub(super) fn is_first(&self) -> bool {
        self.opcode != CONTINUATION
    }
}

/// What a client's payload is combined with, byte by byte.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mask {
    key: [u8; 4],
    at: usize,
}

impl Mask {
    /// The next byte of the payload.
    pub(super) fn unmask(&mut self, byte: u8) -> u8 {
        let unmasked = byte ^ self.key[self.at % 4];
        self.at += 1;
        unmasked
    }

    /// A whole payload.
    pub(super) fn unmask_all(self, payload: &mut [u8]) {
        let [a, b, c, d] = self.key;
        let key = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (words, rest) = payload.as_chunks_mut::<8>();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ key).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.key.iter().cycle()) {
            *byte ^= key;
        }
    }
}

/// The bytes of a header, as far as they have come.
#[derive(Debug, Default)]
pub(super) struct Header {
    bytes: [u8; MAX_BYTES],
    n_bytes: usize,
}

impl Header {
    /// Adds a byte; what the header says when it is whole.
    pub(super) fn push(&mut self, byte: u8) -> Option<FrameHeader> {
        self.bytes[self.n_bytes] = byte;
        self.n_bytes += 1;
        let [first, second, ..] = self.bytes;
        let n_length = match second & LENGTH {
            TWO_BYTES => 2,
            EIGHT_BYTES => 8,
            _ => 0,
        };
        let n_mask = if second & MASKED == 0 { 0 } else { 4 };
        if self.n_bytes < 2 + n_length + n_mask {
            return None;
        }
        let (length, mask) = self.bytes[2..2 + n_length + n_mask].split_at(n_length);
        let mut key = [0; 4];
        key[..n_mask].copy_from_slice(mask);
        let written = length.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
        let n_bytes = if n_length == 0 { u64::from(second & LENGTH) } else { written };
        let (opcode, is_last) = (first & OPCODE, first & LAST != 0);
        let is_known = match opcode {
            CONTINUATION | TEXT | BINARY => n_bytes <= MAX_LENGTH,
            CLOSE | PING | PONG => is_last && n_bytes <= MAX_CONTROL_BYTES,
            _ => false,
        };
        Some(FrameHeader {
            opcode,
            is_last,
            mask: Mask { key, at: 0 },
            n_bytes: usize::try_from(n_bytes).unwrap_or(usize::MAX),
            is_plain_binary: first == LAST | BINARY,
            is_sound: is_known && n_mask > 0 && first & RESERVED == 0,
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.n_bytes]
    }
}

/// The text message at the start of `bytes`, if all of it is there in one frame that is no longer than
/// `max_bytes`, and where it ends. Nothing where it is anything else, or malformed.
pub(in crate::http::websocket) fn whole_text(
    bytes: &[u8],
    max_bytes: usize,
) -> Option<(String, usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk()?;
    if first != LAST | TEXT || second & MASKED == 0 {
        return None;
    }
    let (n_bytes, rest) = match second & LENGTH {
        EIGHT_BYTES => return None,
        TWO_BYTES => {
            let (&length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(length)), rest)
        }
        short => (usize::from(short), rest),
    };
    let (&key, rest) = rest.split_first_chunk()?;
    let mut text = rest.get(..n_bytes).filter(|_| n_bytes <= max_bytes)?.to_vec();
    Mask { key, at: 0 }.unmask_all(&mut text);
    let end = bytes.len() - rest.len() + n_bytes;
    String::from_utf8(text).ok().map(|text| (text, end))
}

/// Appends a client's binary message with nothing in it.
pub(super) fn write_empty_binary(out: &mut Vec<u8>) {
    write(out, BINARY, &[]);
}

/// Appends a client's frame that is the last of its message. Its mask changes nothing.
pub(super) fn write(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(LAST | opcode);
    match u8::try_from(payload.len()) {
        Ok(short) if short < TWO_BYTES => out.push(MASKED | short),
        Ok(_) | Err(_) => {
            out.push(MASKED | EIGHT_BYTES);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}
