//! Imports of other servers: what becomes of them, also when their server is gone.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use belvedere_diesel::QueryError;
use domain::ImportId;
use domain::imports::{Import as Stored, Reason};
use tokio::time::MissedTickBehavior;

use super::{Import, Imports};

/// How long an import may go no further before its server is taken for gone. Above the time that a query takes at
/// most.
const GONE_AFTER: Duration = Duration::from_secs(30);

/// How often a server looks at the imports of others.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks at the imports of other servers, tells this one's pages how they have ended, and gives up those with which
/// nobody goes on. It compares what it sees with what it saw: no clock of another server counts.
#[derive(Debug)]
pub struct Others {
    imports: Imports,
    /// What was seen, and since when it has been so.
    seen: HashMap<ImportId, (Stored, Instant)>,
}

impl Others {
    /// Those beside `imports`, of whom nothing is known yet.
    #[must_use]
    pub fn new(imports: Imports) -> Self {
        Self { imports, seen: HashMap::new() }
    }

    /// Looks again and again.
    pub async fn watch(mut self) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if let Err(error) = self.look(GONE_AFTER).await {
                tracing::debug!(%error, "the imports of other servers were not looked at");
            }
        }
    }

    /// Looks once; who was seen in the same place for `gone_after` is gone.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn look(&mut self, gone_after: Duration) -> Result<(), QueryError> {
        let shared = &self.imports.0;
        let recent = Stored::recent(&shared.repo).await?;
        self.seen.retain(|id, _| recent.iter().any(|import| import.id == *id));
        for mut import in recent {
            let last = self.imports.last().filter(|last| last.id == import.id);
            if last.as_ref().is_some_and(Import::is_under_way) {
                continue;
            }
            let seen = self.seen.get(&import.id);
            let since = seen.filter(|(before, _)| *before == import).map(|(_, since)| *since);
            let is_gone = import.is_saved.is_none()
                && since.is_some_and(|since| since.elapsed() >= gone_after);
            if is_gone && import.give_up(&shared.repo).await? {
                tracing::warn!(id = %import.id, "an import whose server is gone was given up");
                (import.is_saved, import.reason) = (Some(false), Some(Reason::GivenUp));
            }
            let was_told = seen.is_some_and(|(before, _)| before.is_saved.is_some());
            // A page may show one that nobody has looked at before it ended.
            if !was_told && import.is_saved.is_some() && last.is_none() {
                shared.publish(Import::stored(import.clone()));
            }
            self.seen.insert(import.id, (import, since.unwrap_or_else(Instant::now)));
        }
        Ok(())
    }
}
