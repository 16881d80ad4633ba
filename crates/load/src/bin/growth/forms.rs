//! A form up to its limits: so many fields, one as long as they, and names as deep as may be.

use crate::bench::{clicks, count, named};
use crate::table::{Table, Unit};

/// Fields; the last is the most that a form may have.
const SIZES: [u64; 4] = [10, 100, 1_000, 5_000];

/// Bytes of a field of each.
const FIELD_BYTES: usize = 48;

/// Keys of a deep name, the most that one may have.
const DEPTH: usize = 16;

const N_TABS: usize = 4;

const N_ROUNDS: usize = 8;

const ACTS: [&str; 4] = ["known fields", "unknown fields", "deep names", "one field"];

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        for size in SIZES {
            let forms =
                [fields("field%5B", "%5D", size), fields("other", "", size), deep(size), one(size)];
            for (act, form) in ACTS.into_iter().zip(forms) {
                let payload = format!(
                    r#"{{"type":"form","event":"validate","value":"{form}","uploads":{{}}}}"#
                );
                let tabs = run.tabs(N_TABS, "/form").await?;
                clicks(run, named(act, size), tabs, N_ROUNDS, &payload).await?;
            }
        }
        Ok(())
    })?;
    let bytes = SIZES.iter().map(|size| fields("field%5B", "%5D", *size).len() as f64).collect();
    Ok(counts.table("fields", &ACTS, &SIZES).with("known fields", Unit::Bytes, bytes))
}

/// So many fields of which each is as long as all others.
fn fields(start: &str, end: &str, n_fields: u64) -> String {
    let field = |index| {
        let name = format!("{start}{index}{end}=");
        let value = "x".repeat(FIELD_BYTES.saturating_sub(name.len() + 1));
        format!("{name}{value}")
    };
    (0..n_fields).map(field).collect::<Vec<_>>().join("&")
}

/// Names of as many keys as they may have; fewer of them, as they are longer.
fn deep(n_fields: u64) -> String {
    let deep = "%5Ba%5D".repeat(DEPTH - 2);
    let n_fields = n_fields * FIELD_BYTES as u64 / (deep.len() as u64 + 20);
    let field = |index| format!("field%5B{index}%5D{deep}=x");
    (0..n_fields).map(field).collect::<Vec<_>>().join("&")
}

/// One field of as many bytes, each in need of decoding.
fn one(n_fields: u64) -> String {
    format!("field%5B0%5D={}", "%C3%A9".repeat(n_fields as usize * FIELD_BYTES / 6))
}
