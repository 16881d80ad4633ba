//! What nodes send to each other, as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::wire::token::BusKey;

/// Signed, as a [`BusKey`] does it: `{"node":7,"number":1,"what":{"said":{"topic":"users","message":{"id":3},"by":"…"}}}`
#[derive(Debug, Deserialize)]
pub(in crate::pub_sub) struct Packet<'a> {
    /// Who sends it.
    pub(in crate::pub_sub) node: u64,
    /// One more than its last.
    pub(in crate::pub_sub) number: u64,
    #[serde(borrow)]
    pub(in crate::pub_sub) what: What<'a>,
}

impl Packet<'_> {
    /// Most bytes around what is said, its signature among them.
    pub(in crate::pub_sub) const MAX_HEAD_BYTES: usize = 80 + BusKey::OVERHEAD_BYTES;

    /// Around what is written already.
    pub(super) fn write(node: u64, number: u64, what: &str) -> String {
        format!(r#"{{"node":{node},"number":{number},"what":{what}}}"#)
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::pub_sub) enum What<'a> {
    /// Somebody has published a message.
    Said {
        #[serde(borrow)]
        topic: Cow<'a, str>,
        #[serde(borrow)]
        message: &'a RawValue,
        /// The work that published it; nothing where there is no trace.
        #[serde(default, skip_serializing_if = "str::is_empty")]
        by: Cow<'a, str>,
    },
    /// The node lives.
    Beat,
    /// The node stops. Who is on its pages may come to those of others within the grace.
    Leave,
    /// A node is asked to say who is on its pages, or all are.
    Ask {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<u64>,
    },
    /// What follows names all who are on this node's pages, until [`Told`](Self::Told), which may be much
    /// later.
    Tell,
    /// Those who were said to be here before [`Tell`](Self::Tell), and not since, are gone.
    Told,
    /// A person is on a page of this node, or is described anew.
    Here {
        #[serde(borrow)]
        topic: Cow<'a, str>,
        #[serde(borrow)]
        person: Cow<'a, str>,
        #[serde(borrow)]
        who: &'a RawValue,
    },
    /// A person is on no page of this node any more.
    Gone {
        #[serde(borrow)]
        topic: Cow<'a, str>,
        #[serde(borrow)]
        person: Cow<'a, str>,
    },
}
