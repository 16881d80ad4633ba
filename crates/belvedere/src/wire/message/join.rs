//! Payload of `phx_join`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::text::{self, Text};

/// Payload of `phx_join`. The tokens in it are unverified text.
///
/// ```json
/// {"url":"https://ex.test/users?page=2",
///  "params":{"_csrf_token":"c…","_track_static":["https://ex.test/app.css"],"_mounts":0,"_mount_attempts":0},
///  "session":"S…","static":"T…","flash":"F…","sticky":false}
/// ```
#[derive(Deserialize)]
pub struct JoinPayload<'a> {
    /// Absolute URL shown, of a root view joined from the page it was rendered on.
    #[serde(borrow, default, deserialize_with = "text::optional")]
    pub url: Option<Cow<'a, str>>,
    /// Absolute target URL, of a root view created by live navigation, also when it joins again.
    #[serde(borrow, default, deserialize_with = "text::optional")]
    pub redirect: Option<Cow<'a, str>>,
    /// The container's page token; empty when the page has none.
    #[serde(borrow)]
    pub session: Cow<'a, str>,
    /// The container's static token; absent after a connected render. Key `static`.
    #[serde(rename = "static", borrow, default, deserialize_with = "text::optional")]
    pub static_token: Option<Cow<'a, str>>,
    /// Flash token of a live redirect that carried one.
    #[serde(borrow, default, deserialize_with = "text::optional")]
    pub flash: Option<Cow<'a, str>>,
    /// Whether the view outlives live navigation.
    #[serde(default)]
    pub sticky: bool,
    /// Connect parameters.
    #[serde(borrow, default)]
    pub params: JoinParams<'a>,
}

/// Connect parameters of a join: those of the client by themselves, the application's together.
#[derive(Default)]
pub struct JoinParams<'a> {
    /// The page's CSRF token, unverified. Key `_csrf_token`.
    pub csrf_token: Option<Cow<'a, str>>,
    /// Completed mounts of this view on this page, 0 the first time. Key `_mounts`.
    pub mounts: u32,
    /// Failed attempts since the last success. Key `_mount_attempts`.
    pub mount_attempts: u32,
    /// URL navigated from. Key `_live_referer`.
    pub live_referer: Option<Cow<'a, str>>,
    /// The URL in the browser's address bar, which a script may have changed. Key `_url`.
    pub url: Option<Cow<'a, str>>,
    /// Tells this join from every other one, 0 where the script says nothing. Key `_join`.
    pub join: u32,
    /// Which join of this element was answered last, as the page knows: its `_join`; 0 for none. Key `_seen`.
    pub seen: u32,
    /// What the page's script has kept of the view, sealed. Key `_snapshot`.
    pub snapshot: Option<Cow<'a, str>>,
    /// Resolved URLs of the page's tracked assets. Key `_track_static`.
    pub track_static: Vec<Cow<'a, str>>,
    /// What the page's script adds: every key that does not begin with `_`.
    pub own: OwnParams,
}

/// What a page's script tells of its browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OwnParams {
    /// Nothing.
    #[default]
    Absent,
    /// A JSON object.
    Object(Arc<str>),
    /// More than is kept.
    TooLarge {
        /// Its length as JSON.
        bytes: usize,
    },
}

impl OwnParams {
    /// Most bytes kept for a view.
    pub const MAX_BYTES: usize = 4 * 1024;

    fn of(own: &BTreeMap<Cow<'_, str>, &RawValue>) -> Self {
        if own.is_empty() {
            return Self::Absent;
        }
        match serde_json::to_string(own) {
            Ok(json) if json.len() > Self::MAX_BYTES => Self::TooLarge { bytes: json.len() },
            Ok(json) => Self::Object(json.into()),
            Err(_) => Self::Absent,
        }
    }
}

impl JoinParams<'_> {
    /// What is to be given back to the view. A nested view that has failed twice with it is tried
    /// without: after the third time its whole page would be given up.
    #[must_use]
    pub fn snapshot(&self) -> Option<&str> {
        self.snapshot.as_deref().filter(|_| self.mount_attempts < 2)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JoinParams<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ParamsVisitor)
    }
}

/// Reads all in one pass: the tokens among them are long.
struct ParamsVisitor;

impl<'de> Visitor<'de> for ParamsVisitor {
    type Value = JoinParams<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of connect parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JoinParams<'de>, A::Error> {
        let mut params = JoinParams::default();
        let mut own = BTreeMap::<_, &RawValue>::new();
        while let Some(Text(key)) = map.next_key()? {
            match &*key {
                "_csrf_token" => params.csrf_token = optional(&mut map)?,
                "_mounts" => params.mounts = count(&mut map)?,
                "_mount_attempts" => params.mount_attempts = count(&mut map)?,
                "_live_referer" => params.live_referer = optional(&mut map)?,
                "_url" => params.url = optional(&mut map)?,
                "_join" => params.join = count(&mut map)?,
                "_seen" => params.seen = count(&mut map)?,
                "_snapshot" => params.snapshot = optional(&mut map)?,
                "_track_static" => {
                    let urls = map.next_value::<Vec<Text<'de>>>()?;
                    params.track_static = urls.into_iter().map(|url| url.0).collect();
                }
                reserved if reserved.starts_with('_') => {
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    own.insert(key, map.next_value()?);
                }
            }
        }
        params.own = OwnParams::of(&own);
        Ok(params)
    }
}

impl fmt::Debug for JoinPayload<'_> {
    /// Shows which tokens there are, never their text.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("JoinPayload")
            .field("url", &self.url)
            .field("redirect", &self.redirect)
            .field("has_session", &!self.session.is_empty())
            .field("has_static_token", &self.static_token.is_some())
            .field("has_flash", &self.flash.is_some())
            .field("sticky", &self.sticky)
            .field("params", &self.params)
            .finish()
    }
}

impl fmt::Debug for JoinParams<'_> {
    /// Shows whether there is a CSRF token, never its text.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("JoinParams")
            .field("has_csrf_token", &self.csrf_token.is_some())
            .field("mounts", &self.mounts)
            .field("mount_attempts", &self.mount_attempts)
            .field("live_referer", &self.live_referer)
            .field("url", &self.url)
            .field("has_snapshot", &self.snapshot.is_some())
            .field("track_static", &self.track_static)
            .finish()
    }
}

/// A text that may be `null`.
fn optional<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    Ok(map.next_value::<Option<Text<'de>>>()?.map(|text| text.0))
}

fn count<'de, A: MapAccess<'de>>(map: &mut A) -> Result<u32, A::Error> {
    Ok(map.next_value::<Count>()?.0)
}

/// A count as number or string, 0 when it is anything else: it comes from browser storage and
/// decides nothing but whether this is the first mount.
struct Count(u32);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor).map(Self)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = u32;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a count")
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<u32, E> {
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    fn visit_i64<E: Error>(self, _negative: i64) -> Result<u32, E> {
        Ok(0)
    }

    fn visit_f64<E: Error>(self, _fraction: f64) -> Result<u32, E> {
        Ok(0)
    }

    fn visit_bool<E: Error>(self, _flag: bool) -> Result<u32, E> {
        Ok(0)
    }

    fn visit_unit<E: Error>(self) -> Result<u32, E> {
        Ok(0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u32, E> {
        Ok(text.parse().unwrap_or(0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<u32, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u32, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(0)
    }
}
