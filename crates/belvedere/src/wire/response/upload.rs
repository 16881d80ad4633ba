//! Answers about uploads: what may be sent, and why not.
//!
//! Source of the format: protocol sections "Preflight reply" and "Channel upload".

use super::{write_key, write_text_member};
use crate::wire::json::{self, write_json_string};
use crate::wire::keys;

/// The answer to `allow_upload`.
#[derive(Debug)]
pub struct Preflight<'a> {
    /// Ref of the upload.
    pub upload: &'a str,
    /// What may be sent, or why nothing may.
    pub granted: Result<Granted, Vec<(String, &'static str)>>,
}

/// What may be sent.
#[derive(Debug, Default)]
pub struct Granted {
    /// How.
    pub config: UploadConfig,
    /// By entry ref.
    pub entries: Vec<(u64, Grant)>,
    /// Entries that are refused while the others are sent, and why.
    pub errors: Vec<(u64, &'static str)>,
}

/// Limits that the client is told, and how it sends.
#[derive(Debug, Clone, Copy, Default)]
pub struct UploadConfig {
    /// Most bytes of a file.
    pub max_file_bytes: u64,
    /// Most files.
    pub max_entries: usize,
    /// Bytes of a file that are sent at once.
    pub chunk_bytes: usize,
    /// How long the client waits for them to be taken, in milliseconds.
    pub chunk_timeout: u64,
}

/// Leave to send one file.
#[derive(Debug)]
pub enum Grant {
    /// Here, with this signed token.
    Token(String),
    /// Elsewhere: what the page's script is given, as a JSON object.
    External(String),
}

impl Preflight<'_> {
    /// Appends its members: `"ref":"phx-U1","config":{…},"entries":{"0":"…"},"errors":{}`, or
    /// `"ref":"phx-U1","error":[["1","not_accepted"]]`.
    pub fn write_members(&self, out: &mut String) {
        write_text_member(out, keys::REF, self.upload);
        out.push(',');
        match &self.granted {
            Ok(granted) => granted.write_members(out),
            Err(errors) => {
                write_key(out, keys::UPLOAD_ERROR);
                out.push('[');
                for (index, (reference, reason)) in errors.iter().enumerate() {
                    out.push_str(if index == 0 { "[" } else { ",[" });
                    write_json_string(out, reference);
                    out.push(',');
                    write_json_string(out, reason);
                    out.push(']');
                }
                out.push(']');
            }
        }
    }
}

impl Granted {
    fn write_members(&self, out: &mut String) {
        let UploadConfig { max_file_bytes, max_entries, chunk_bytes, chunk_timeout } = self.config;
        write_key(out, keys::CONFIG);
        for (index, (key, number)) in [
            (keys::MAX_FILE_SIZE, max_file_bytes),
            (keys::MAX_ENTRIES, max_entries as u64),
            (keys::CHUNK_SIZE, chunk_bytes as u64),
            (keys::CHUNK_TIMEOUT, chunk_timeout),
        ]
        .into_iter()
        .enumerate()
        {
            out.push(if index == 0 { '{' } else { ',' });
            write_key(out, key);
            json::number(out, number);
        }
        out.push_str("},");
        write_key(out, keys::ENTRIES);
        out.push('{');
        for (index, (entry, grant)) in self.entries.iter().enumerate() {
            out.push_str(if index == 0 { "\"" } else { ",\"" });
            json::number(out, *entry);
            out.push_str("\":");
            match grant {
                Grant::Token(token) => write_json_string(out, token),
                Grant::External(json) => out.push_str(json),
            }
        }
        out.push_str("},");
        write_key(out, keys::UPLOAD_ERRORS);
        out.push('{');
        for (index, (entry, reason)) in self.errors.iter().enumerate() {
            out.push_str(if index == 0 { "\"" } else { ",\"" });
            json::number(out, *entry);
            out.push_str("\":[");
            write_json_string(out, reason);
            out.push(']');
        }
        out.push('}');
    }
}

/// Why the join of an upload, or a chunk of it, is refused; the response of a reply with status `error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadRefusal {
    /// The token is forged, too old, or of another view, socket or entry.
    InvalidToken,
    /// The token was used before.
    AlreadyRegistered,
    /// The entry may not be sent, or no more.
    Disallowed,
    /// The socket has as many uploads under way as it may.
    TooMany,
    /// More bytes came than the client had said.
    TooLarge {
        /// What it had said.
        limit: u64,
    },
    /// There is no room for it, in all or for its sender.
    NoRoom,
    /// What takes the file has failed, or refuses it; the page says why.
    Writer,
    /// A chunk came before the one before was taken, or with nothing in it.
    Malformed,
}

impl UploadRefusal {
    /// The word the client is told.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::InvalidToken => "invalid_token",
            Self::AlreadyRegistered => "already_registered",
            Self::Disallowed => "disallowed",
            Self::TooMany => "too many channels joined",
            Self::TooLarge { .. } => "file_size_limit_exceeded",
            // Whatever else a client is told, it reports, as if the view did not know.
            Self::NoRoom | Self::Writer => "writer_error",
            Self::Malformed => "malformed_chunk",
        }
    }

    /// The value of a metric's attribute.
    #[must_use]
    pub const fn counted_as(self) -> &'static str {
        match self {
            Self::NoRoom => "no_room",
            other => other.reason(),
        }
    }

    /// Appends `{"reason":"file_size_limit_exceeded","limit":120345}`.
    pub fn write(self, out: &mut String) {
        out.push('{');
        write_text_member(out, keys::REASON, self.reason());
        if let Self::TooLarge { limit } = self {
            out.push(',');
            write_key(out, keys::LIMIT);
            json::number(out, limit);
        }
        out.push('}');
    }
}
