//! What is known of files and of the topics over which they come.

use std::time::Duration;

use super::page::Taken;

/// Longest frame, in bytes.
pub(super) const MAX_FRAME_BYTES: usize = 22_000;

/// Largest file; as much room is there for all in memory.
pub(super) const MAX_FILE_BYTES: u64 = 20_000;

/// Most files of each upload at once.
pub(super) const MAX_ENTRIES: [usize; 2] = [3, 2];

/// Most files that come at once over a socket.
pub(super) const MAX_COMING: usize = 2;

/// Bytes of a file that is [refused](Kind::Refused) which are taken.
pub(super) const REFUSED_BEYOND: usize = 10_000;

/// How long a part is waited for.
pub(super) const CHUNK_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a file that are there before its writer is made.
const HEAD_BYTES: usize = 8192;

/// What a client is told: a reason is a refusal.
pub(super) type Said = Result<(), String>;

/// What becomes of a file that a writer takes; of one in memory nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// Its writer takes its beginning only.
    Refused,
    /// Its writer fails when all has come.
    Unfinished,
}

impl Kind {
    pub(super) fn of(byte: u8) -> Self {
        [Self::Plain, Self::Plain, Self::Refused, Self::Unfinished][usize::from(byte % 4)]
    }

    /// As its file is called.
    pub(super) fn named(name: &str) -> Self {
        let kinds = [Self::Refused, Self::Unfinished];
        kinds.into_iter().find(|kind| format!("{kind:?}") == name).unwrap_or(Self::Plain)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Chosen,
    Granted,
    Coming,
    Received,
    Done,
    Failed,
}

/// A file that the page lists.
pub(super) struct File {
    upload: usize,
    entry: u64,
    size: u64,
    kind: Kind,
    stage: Stage,
    progress: u8,
    accepted: Vec<u8>,
    /// Number of its token, as long as that means anything.
    token: Option<usize>,
}

impl File {
    /// As its browser says.
    pub(super) fn chosen(upload: usize, entry: u64, size: u64, kind: Kind) -> Self {
        let is_taken = (1..=MAX_FILE_BYTES).contains(&size);
        Self {
            upload,
            entry,
            size,
            kind: if upload == 0 { kind } else { Kind::Plain },
            stage: if is_taken { Stage::Chosen } else { Stage::Failed },
            progress: 0,
            accepted: Vec::new(),
            token: None,
        }
    }

    /// Whether it takes one of the places.
    fn has_place(&self) -> bool {
        !matches!(self.stage, Stage::Chosen | Stage::Failed)
    }

    fn percent(&self) -> u8 {
        let percent = self.accepted.len() as u64 * 100 / self.size;
        u8::try_from(percent).unwrap_or(u8::MAX)
    }
}

/// A topic over which a file comes, or has come.
struct Open {
    topic: String,
    join_ref: String,
    token: usize,
}

#[derive(Default)]
pub(super) struct Model {
    files: Vec<File>,
    open: Vec<Open>,
    n_taken: [usize; 2],
    /// Something was let come into memory.
    pub(super) has_taken_room: bool,
    /// Content of what was taken, sorted as [`Place`](super::page::Place) sorts it.
    pub(super) taken: Vec<Taken>,
}

impl Model {
    /// Says whether a file that is chosen, or was, may be sent now. `token` is the number of the next one.
    pub(super) fn ask(&mut self, chosen: File, token: usize) -> bool {
        let (upload, entry) = (chosen.upload, chosen.entry);
        if self.find(upload, entry).is_none() {
            self.files.push(chosen);
        }
        let with_place = self.files.iter().filter(|file| file.upload == upload && file.has_place());
        let has_place = self.n_taken[upload] + with_place.count() < MAX_ENTRIES[upload];
        let file = self.find_mut(upload, entry).filter(|file| file.stage == Stage::Chosen);
        match file {
            Some(file) if has_place => {
                (file.stage, file.token) = (Stage::Granted, Some(token));
                true
            }
            _ => false,
        }
    }

    pub(super) fn join(&mut self, topic: &str, join_ref: &str, token: usize) -> Said {
        self.interrupt(topic);
        let (n_coming, used) = (self.n_coming(), self.room_in_memory());
        let Some(number) = topic.strip_prefix("lvu:") else { return refused("unmatched topic") };
        let number = number.parse().ok();
        let file = self.files.iter_mut().find(|file| file.token == Some(token));
        let Some(file) = file.filter(|file| number == Some(file.entry)) else {
            return refused("invalid_token");
        };
        if n_coming >= MAX_COMING {
            if file.stage == Stage::Granted {
                file.stage = Stage::Failed;
            }
            return refused("too many channels joined");
        }
        if file.stage != Stage::Granted {
            return refused("already_registered");
        }
        if file.upload == 1 && used + file.size > MAX_FILE_BYTES {
            file.stage = Stage::Failed;
            return refused("writer_error");
        }
        file.stage = Stage::Coming;
        self.has_taken_room |= file.upload == 1;
        let (topic, join_ref) = (topic.to_owned(), join_ref.to_owned());
        self.open.push(Open { topic, join_ref, token });
        Ok(())
    }

    /// What a part comes to, if anything is said of it.
    pub(super) fn part(
        &mut self,
        topic: &str,
        join_ref: &str,
        is_chunk: bool,
        part: &[u8],
    ) -> Option<Said> {
        let Some(open) = self.open.iter().find(|open| open.topic == topic) else {
            return Some(refused("unmatched topic"));
        };
        if !join_ref.is_empty() && join_ref != open.join_ref {
            return None;
        }
        if !is_chunk {
            return Some(refused("unmatched topic"));
        }
        let token = open.token;
        let file = self.files.iter_mut().find(|file| file.token == Some(token))?;
        let after = file.accepted.len() + part.len();
        let is_last = after as u64 == file.size;
        let (stage, is_open, said) = match file.stage {
            Stage::Coming if part.is_empty() => (Stage::Failed, false, refused("malformed_chunk")),
            Stage::Coming if after as u64 > file.size => {
                (Stage::Failed, false, refused("file_size_limit_exceeded"))
            }
            Stage::Coming if file.kind == Kind::Refused && after > REFUSED_BEYOND => {
                // The next part is let come while this one is written, and told then.
                let said = if is_last { refused("writer_error") } else { Ok(()) };
                (Stage::Failed, !is_last, said)
            }
            Stage::Coming if file.kind == Kind::Unfinished && is_last => {
                (Stage::Failed, false, refused("writer_error"))
            }
            Stage::Coming => {
                file.accepted.extend(part);
                (if is_last { Stage::Received } else { Stage::Coming }, true, Ok(()))
            }
            Stage::Failed => (Stage::Failed, false, refused("writer_error")),
            stage => (stage, false, refused("file_size_limit_exceeded")),
        };
        file.stage = stage;
        if !is_open {
            self.close(token);
        }
        Some(said)
    }

    /// The topic ends, and what has not come by it is not waited for.
    pub(super) fn interrupt(&mut self, topic: &str) {
        let Some(token) = self.open.iter().find(|open| open.topic == topic).map(|open| open.token)
        else {
            return;
        };
        self.close(token);
        let file = self.files.iter_mut().find(|file| file.token == Some(token));
        if let Some(file) = file.filter(|file| file.stage == Stage::Coming) {
            file.stage = Stage::Failed;
        }
    }

    pub(super) fn leave(&mut self, topic: &str, join_ref: &str) -> Option<Said> {
        let open = self.open.iter().find(|open| open.topic == topic);
        let is_other = |open: &Open| !join_ref.is_empty() && join_ref != open.join_ref;
        if open.is_some_and(is_other) {
            return None;
        }
        self.interrupt(topic);
        Some(Ok(()))
    }

    /// A browser says how far a file is, or that it has failed.
    pub(super) fn report(&mut self, upload: usize, entry: u64, percent: Option<u8>) {
        let Some(file) = self.find_mut(upload, entry) else { return };
        if !matches!(file.stage, Stage::Granted | Stage::Coming | Stage::Received) {
            return;
        }
        let is_received = file.stage == Stage::Received;
        match percent {
            Some(100) if is_received => (file.stage, file.progress) = (Stage::Done, 100),
            Some(_) => file.progress = file.progress.max(file.percent()),
            None => {
                file.stage = Stage::Failed;
                if let Some(token) = file.token.take() {
                    self.close(token);
                }
            }
        }
    }

    /// Nothing has come for longer than a part is waited for.
    pub(super) fn wait(&mut self) {
        for file in self.files.iter_mut().filter(|file| file.stage == Stage::Coming) {
            file.stage = Stage::Failed;
            self.open.retain(|open| Some(open.token) != file.token);
        }
    }

    pub(super) fn cancel(&mut self, upload: usize, entry: u64) {
        self.remove(|file| file.upload == upload && file.entry == entry);
    }

    /// The view takes a file, if all of it is there.
    pub(super) fn take(&mut self, upload: usize, entry: u64) {
        let is_it = |file: &File| file.upload == upload && file.entry == entry;
        self.take_done(|file| is_it(file) && file.stage == Stage::Done);
    }

    /// The view takes the files of each upload of which none is on its way.
    pub(super) fn take_all(&mut self) {
        for upload in 0..MAX_ENTRIES.len() {
            let mut own = self.files.iter().filter(|file| file.upload == upload);
            if own.all(|file| matches!(file.stage, Stage::Done | Stage::Failed)) {
                self.take_done(|file| file.upload == upload && file.stage == Stage::Done);
            }
        }
    }

    pub(super) fn reset(&mut self) {
        self.remove(|_| true);
        self.n_taken = [0; 2];
    }

    pub(super) fn find(&self, upload: usize, entry: u64) -> Option<&File> {
        self.files.iter().find(|file| file.upload == upload && file.entry == entry)
    }

    pub(super) fn n_coming(&self) -> usize {
        self.files.iter().filter(|file| file.stage == Stage::Coming).count()
    }

    /// How much of its file has not come over a topic.
    pub(super) fn left(&self, topic: &str) -> usize {
        let left = |file: &File| file.size - file.accepted.len() as u64;
        self.file_of(topic).map_or(0, |file| usize::try_from(left(file)).unwrap_or(usize::MAX))
    }

    /// The next bytes of the file that comes over a topic; no two places of it have the same around them.
    pub(super) fn bytes_for(&self, topic: &str, n_bytes: usize) -> Vec<u8> {
        let (before, seed) = self.file_of(topic).map_or((0, 0), |file| {
            (file.accepted.len(), file.upload * 97 + file.token.unwrap_or_default() * 31)
        });
        (before..before + n_bytes).map(|at| ((at + seed) * 7 + at / 251) as u8).collect()
    }

    /// The file that comes over a topic, if all of so many bytes are taken by what has it.
    pub(super) fn takes_plainly(&self, topic: &str, n_bytes: usize) -> Option<(usize, u64)> {
        let file = self.file_of(topic).filter(|file| file.stage == Stage::Coming)?;
        let fits = file.kind == Kind::Plain && n_bytes <= self.left(topic);
        fits.then_some((file.upload, file.entry))
    }

    /// What the page lists, sorted.
    pub(super) fn shown(&self) -> Vec<String> {
        let shown = |file: &File| {
            let end = match file.stage {
                Stage::Done => " done",
                Stage::Failed => " failed",
                _ => "",
            };
            format!("{} {} {}%{end}", file.upload, file.entry, file.progress)
        };
        let mut shown: Vec<_> = self.files.iter().map(shown).collect();
        shown.sort_unstable();
        shown
    }

    /// How many writers there are, or what they have left.
    pub(super) fn n_writers(&self) -> usize {
        let has_writer = |file: &&File| match file.stage {
            Stage::Coming => file.accepted.len() >= HEAD_BYTES,
            Stage::Received | Stage::Done => true,
            _ => false,
        };
        self.files.iter().filter(|file| file.upload == 0).filter(has_writer).count()
    }

    fn room_in_memory(&self) -> u64 {
        let has_room =
            |file: &&File| matches!(file.stage, Stage::Coming | Stage::Received | Stage::Done);
        let own = self.files.iter().filter(|file| file.upload == 1).filter(has_room);
        own.map(|file| file.size).sum()
    }

    fn take_done(&mut self, is_it: impl Fn(&File) -> bool) {
        for file in self.remove(is_it) {
            self.n_taken[file.upload] += 1;
            self.taken.push((file.upload, file.entry, file.accepted));
        }
        self.taken.sort_unstable();
    }

    fn remove(&mut self, is_it: impl Fn(&File) -> bool) -> Vec<File> {
        let removed: Vec<_> = self.files.extract_if(.., |file| is_it(file)).collect();
        removed.iter().filter_map(|file| file.token).for_each(|token| self.close(token));
        removed
    }

    fn close(&mut self, token: usize) {
        self.open.retain(|open| open.token != token);
    }

    fn file_of(&self, topic: &str) -> Option<&File> {
        let token = self.open.iter().find(|open| open.topic == topic)?.token;
        self.files.iter().find(|file| file.token == Some(token))
    }

    fn find_mut(&mut self, upload: usize, entry: u64) -> Option<&mut File> {
        self.files.iter_mut().find(|file| file.upload == upload && file.entry == entry)
    }
}

fn refused(reason: &str) -> Said {
    Err(reason.to_owned())
}
