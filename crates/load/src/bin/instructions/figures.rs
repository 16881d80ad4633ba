//! Figures of acts: as counted, as stored, and how far apart the two may be.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use load::counting::{Count, grouped};

/// What the stored file begins with.
const HEAD: &str = "\
# Instructions of the server for one act, without the kernel's; see docs/performance.md.
# Written by: cargo run --profile instructions -p load --bin instructions store
";

/// Most that an act may cost beyond its stored figure, in per cent.
const TOLERANCE: f64 = 2.0;

/// So many instructions beyond it say nothing either, which is more than [`TOLERANCE`] of a cheap act
/// alone. What the server does by the clock falls upon whatever is counted meanwhile, and on a slow
/// machine there is more of it.
const BY_THE_CLOCK: u64 = 150;

/// Instructions by act, in the order in which they were counted.
#[derive(Default)]
pub(crate) struct Figures(Vec<(String, u64)>);

impl Figures {
    /// Those that the repository keeps.
    pub(crate) fn stored() -> anyhow::Result<Self> {
        let path = path();
        let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines
            .map(|line| {
                let (act, figure) = line.rsplit_once(' ').context("no figure")?;
                Ok((act.trim_end().to_owned(), figure.replace(',', "").parse()?))
            })
            .collect::<anyhow::Result<_>>()
            .map(Self)
            .with_context(|| format!("{} cannot be understood", path.display()))
    }

    /// Those that were counted now.
    pub(crate) fn of_counts(counts: Vec<Count>) -> Self {
        Self(counts.into_iter().map(|count| (count.act, count.instructions)).collect())
    }

    /// Of two counts of the same acts, the lower figure of each.
    pub(crate) fn lowest(self, other: Self) -> Self {
        let acts = self.0.into_iter().zip(other.0);
        Self(acts.map(|((act, figure), (_, again))| (act, figure.min(again))).collect())
    }

    /// A table: what was counted, and how much more or less that is than what is stored.
    pub(crate) fn print(&self, stored: &Self) {
        println!("{:<24} {:>12} {:>12} {:>8}", "act", "instructions", "stored", "change");
        for (act, figure) in &self.0 {
            match stored.of(act) {
                Some(of_stored) => println!(
                    "{act:<24} {:>12} {:>12} {:>+6.1} %",
                    grouped(*figure),
                    grouped(of_stored),
                    change(*figure, of_stored)
                ),
                None => println!("{act:<24} {:>12} {:>12}", grouped(*figure), "none"),
            }
            if stored.of(act).is_some_and(|of_stored| is_more(of_stored, *figure)) {
                println!("{act} has become cheaper: store that, so that it stays so");
            }
        }
        if let (Some(live), Some(plain)) = (self.of("page /table"), self.of("page /table-plain")) {
            println!("{:<24} {:>12.2}", "live page in plain ones", live as f64 / plain as f64);
        }
    }

    /// Fails when an act costs more than its stored figure allows, or has none.
    pub(crate) fn check(&self, stored: &Self) -> anyhow::Result<()> {
        let mut complaints = String::new();
        for (act, figure) in &self.0 {
            let complaint = match stored.of(act) {
                None => format!("{act}: no figure is stored"),
                Some(of_stored) if is_more(*figure, of_stored) => format!(
                    "{act}: {} instructions, {:.1} % more than the stored {}",
                    grouped(*figure),
                    change(*figure, of_stored),
                    grouped(of_stored)
                ),
                Some(_) => continue,
            };
            // Writing to a string does not fail.
            let _ = writeln!(complaints, "{complaint}");
        }
        if complaints.is_empty() {
            return Ok(());
        }
        bail!(
            "{complaints}An act may cost {TOLERANCE} %, or {BY_THE_CLOCK} instructions, more than is stored. \
             Where the change is worth it, store the new figures, and say why in the commit:\n\
             cargo run --profile instructions -p load --bin instructions store"
        );
    }

    /// Writes them down, to be committed.
    pub(crate) fn store(&self) -> anyhow::Result<()> {
        let mut text = HEAD.to_owned();
        for (act, figure) in &self.0 {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{act:<24} {:>12}", grouped(*figure));
        }
        let path = path();
        fs::write(&path, text)?;
        println!("stored in {}", path.display());
        Ok(())
    }

    fn of(&self, act: &str) -> Option<u64> {
        self.0.iter().find_map(|(name, figure)| (name == act).then_some(*figure))
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

/// Whether a figure is so much above another that it says something.
fn is_more(figure: u64, other: u64) -> bool {
    figure > other + BY_THE_CLOCK && change(figure, other) > TOLERANCE
}

/// In per cent of what is stored.
fn change(figure: u64, stored: u64) -> f64 {
    (figure as f64 / stored as f64 - 1.0) * 100.0
}
