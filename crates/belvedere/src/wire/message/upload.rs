//! Payloads of uploads: files that a form announces, the request to send them, how far one has come.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{EventPayload, MessageError};
use crate::wire::keys;

/// A chosen file, as the browser describes it. All of it is the client's word.
///
/// ```json
/// {"ref":"0","name":"a.png","type":"image/png","size":120345,"last_modified":1700000000000,
///  "relative_path":"","path":"photos","meta":{"width":80}}
/// ```
#[derive(Debug, Clone, Deserialize)]
pub struct ClientFile {
    /// Counts the files of a page. Key `ref`, a string.
    #[serde(rename = "ref", deserialize_with = "number")]
    pub entry: u64,
    /// The file's own name.
    pub name: String,
    /// What the browser takes it for, by its name: `image/png`; often empty. Key `type`.
    #[serde(rename = "type", default)]
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// In milliseconds from the Unix epoch.
    #[serde(default)]
    pub last_modified: Option<i64>,
    /// Where it stood in a folder that was chosen as a whole; empty otherwise.
    #[serde(default)]
    pub relative_path: String,
    /// What a script has said of it, as JSON.
    #[serde(default)]
    pub meta: Option<Box<RawValue>>,
}

/// Files that a form's change announces, by the upload's ref.
pub type Announced = BTreeMap<String, Vec<ClientFile>>;

impl EventPayload<'_> {
    /// The files that it announces.
    ///
    /// # Errors
    /// [`MessageError::Payload`] when they are described in another way.
    pub fn announced(&self) -> Result<Announced, MessageError> {
        // Of a change of any other input there are none.
        let Some(uploads) = self.uploads.filter(|uploads| uploads.json() != "{}") else {
            return Ok(Announced::new());
        };
        serde_json::from_str::<Option<Announced>>(uploads.json())
            .map(Option::unwrap_or_default)
            .map_err(|source| MessageError::Payload { event: keys::EVENT, source })
    }
}

/// Payload of `allow_upload`: `{"ref":"phx-U1","entries":[{…}],"cid":2}`.
#[derive(Debug, Deserialize)]
pub struct AllowUpload<'a> {
    /// The upload. Key `ref`.
    #[serde(rename = "ref", borrow)]
    pub upload: Cow<'a, str>,
    /// What is to be sent.
    pub entries: Vec<ClientFile>,
    /// The component whose form it is, if it is one's.
    #[serde(default)]
    pub cid: Option<u64>,
}

/// Payload of `progress`: `{"event":null,"ref":"phx-U1","entry_ref":"0","progress":38,"cid":2}`.
#[derive(Debug, Deserialize)]
pub struct Progress<'a> {
    /// The upload. Key `ref`.
    #[serde(rename = "ref", borrow)]
    pub upload: Cow<'a, str>,
    /// The entry. Key `entry_ref`, a string.
    #[serde(rename = "entry_ref", deserialize_with = "number")]
    pub entry: u64,
    /// What has become of it. Key `progress`: a number, or `{"error":…}`.
    #[serde(rename = "progress")]
    pub reported: Reported,
    /// The component whose form it is, if it is one's.
    #[serde(default)]
    pub cid: Option<u64>,
}

/// What a client says of an upload of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// So many of a hundred parts are sent.
    Percent(u8),
    /// It has failed; why is any JSON.
    Failed,
}

impl<'de> Deserialize<'de> for Reported {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let percent = match Value::deserialize(deserializer)? {
            Value::Object(_) => return Ok(Self::Failed),
            Value::Number(number) => number.as_u64(),
            _ => None,
        };
        let percent = percent.and_then(|percent| u8::try_from(percent).ok());
        let percent = percent.filter(|percent| *percent <= 100);
        percent
            .map(Self::Percent)
            .ok_or_else(|| D::Error::custom("neither a percentage nor an error"))
    }
}

/// Payload of `phx_join` on an upload's topic: `{"token":"…"}`.
#[derive(Debug, Deserialize)]
pub struct UploadJoin<'a> {
    /// Unverified text.
    #[serde(borrow)]
    pub token: Cow<'a, str>,
}

/// A number that travels as a string.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number);
    number.ok_or_else(|| D::Error::custom("a ref that is no number"))
}
