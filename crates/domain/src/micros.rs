//! How serde writes a time: in microseconds since 1970, UTC, which is as exact as both databases keep it.

use chrono::{DateTime, NaiveDateTime};
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

pub(crate) fn serialize<S: Serializer>(time: &NaiveDateTime, to: S) -> Result<S::Ok, S::Error> {
    time.and_utc().timestamp_micros().serialize(to)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDateTime, D::Error> {
    let time = DateTime::from_timestamp_micros(i64::deserialize(from)?);
    time.map(|time| time.naive_utc()).ok_or_else(|| D::Error::custom("not a time"))
}
