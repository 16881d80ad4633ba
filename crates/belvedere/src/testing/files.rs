//! Files that a person chooses, and how the browser sends them.

use scraper::ElementRef;
use serde_json::{Map, Value, json};

mod sending;

pub use sending::part_frame;

/// A file on the person's disk.
///
/// ```
/// use belvedere::testing::TestFile;
///
/// let file = TestFile::new("notes.txt", "Buy milk");
/// assert_eq!(file.content_type(), "text/plain");
/// ```
#[derive(Clone, Debug)]
pub struct TestFile {
    name: String,
    content_type: String,
    bytes: Vec<u8>,
    /// After so many parts nothing comes any more, until it goes on.
    stalls_after: Option<usize>,
}

impl TestFile {
    /// A file of this name that holds these bytes. A browser says its type by the name alone.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let name = name.into();
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
        let content_type = match extension.as_deref() {
            Some("csv") => "text/csv",
            Some("gif") => "image/gif",
            Some("htm" | "html") => "text/html",
            Some("jpg" | "jpeg") => "image/jpeg",
            Some("json") => "application/json",
            Some("md") => "text/markdown",
            Some("mp3") => "audio/mpeg",
            Some("mp4") => "video/mp4",
            Some("pdf") => "application/pdf",
            Some("png") => "image/png",
            Some("svg") => "image/svg+xml",
            Some("txt") => "text/plain",
            Some("webp") => "image/webp",
            Some("zip") => "application/zip",
            _ => "",
        };
        Self {
            name,
            content_type: content_type.to_owned(),
            bytes: bytes.into(),
            stalls_after: None,
        }
    }

    /// The same, which comes to a halt after so many parts: the network is slow, or gone.
    /// [`TestView::resume_uploads`](crate::testing::TestView::resume_uploads) goes on.
    #[must_use]
    pub fn stalling_after(mut self, parts: usize) -> Self {
        self.stalls_after = Some(parts);
        self
    }

    /// The type that the browser says.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Whether the dialogue of a browser offers it for an input with this `accept`.
    pub(super) fn is_offered(&self, accept: &str) -> bool {
        let name = self.name.to_lowercase();
        accept.split(',').map(str::trim).any(|filter| match filter.strip_suffix('*') {
            Some(family) => self.content_type.starts_with(family),
            None if filter.starts_with('.') => name.ends_with(&filter.to_lowercase()),
            None => self.content_type == filter,
        })
    }
}

/// What a browser knows of the files of a page.
#[derive(Debug, Default)]
pub(super) struct Files {
    chosen: Vec<Chosen>,
    /// What was granted of those that are sent elsewhere.
    elsewhere: Vec<Value>,
}

/// A chosen file.
#[derive(Debug)]
struct Chosen {
    upload: String,
    entry: u64,
    file: TestFile,
    /// It was asked for leave to send it.
    is_asked: bool,
    sending: Option<Sending>,
}

/// A file on its way.
#[derive(Debug)]
struct Sending {
    /// Of the join of its topic; none of one that is sent elsewhere.
    join_ref: String,
    offset: usize,
    n_parts: usize,
    chunk_size: usize,
    last_progress: Option<usize>,
}

/// An input for files, as the page has it.
#[derive(Clone, Debug)]
pub(super) struct FileInput {
    pub(super) upload: String,
    is_multiple: bool,
    is_auto: bool,
    active: Vec<u64>,
    preflighted: Vec<u64>,
    done: Vec<u64>,
    failed: String,
}

impl FileInput {
    pub(super) fn of(element: ElementRef<'_>) -> Self {
        let attribute = |name: &str| {
            let value = element.attr(name);
            value.unwrap_or_else(|| panic!("the client splits `{name}`: {}", element.html()))
        };
        let refs = |name: &str| {
            attribute(name).split(',').filter_map(|entry| entry.parse().ok()).collect()
        };
        assert_eq!(element.attr("id"), element.attr("data-phx-upload-ref"), "{}", element.html());
        Self {
            upload: attribute("data-phx-upload-ref").to_owned(),
            is_multiple: element.attr("multiple").is_some(),
            is_auto: element.attr("data-phx-auto-upload").is_some(),
            active: refs("data-phx-active-refs"),
            preflighted: refs("data-phx-preflighted-refs"),
            done: refs("data-phx-done-refs"),
            failed: element.attr("data-phx-error-refs").unwrap_or_default().to_owned(),
        }
    }

    /// Why the client does not send its form.
    pub(super) fn unsent(&self) -> Option<&'static str> {
        if !self.failed.is_empty() {
            return Some("the form is not sent: its files have errors");
        }
        let is_done = self.preflighted == self.done;
        (!is_done).then_some("the form is not sent yet: a file is still on its way")
    }

    /// Fails unless the client sends its form.
    #[track_caller]
    pub(super) fn must_be_done(&self) {
        if let Some(unsent) = self.unsent() {
            panic!("{unsent}");
        }
    }
}

impl Files {
    /// The browser has lost its files.
    pub(super) fn forget(&mut self) {
        self.chosen.clear();
    }

    /// A person chooses files for an input, in place of others if it takes one only. `first_new` is the
    /// ref of the first.
    pub(super) fn choose(&mut self, input: &FileInput, files: Vec<TestFile>, first_new: u64) {
        if !input.is_multiple {
            self.chosen.retain(|chosen| chosen.upload != input.upload);
        }
        for (entry, file) in (first_new..).zip(files) {
            let upload = input.upload.clone();
            self.chosen.push(Chosen { upload, entry, file, is_asked: false, sending: None });
        }
    }

    /// What a form's change says of the files of an input: an empty one does not exist for the client.
    pub(super) fn announced(&self, input: &FileInput, first_new: u64) -> Value {
        let of_input = self.chosen.iter().filter(|chosen| {
            let is_active = input.active.contains(&chosen.entry) || chosen.entry >= first_new;
            chosen.upload == input.upload && is_active && !chosen.file.bytes.is_empty()
        });
        let described: Vec<_> = of_input.map(Chosen::described).collect();
        let mut uploads = Map::new();
        if !described.is_empty() {
            uploads.insert(input.upload.clone(), described.into());
        }
        Value::Object(uploads)
    }

    fn find_mut(&mut self, entry: u64) -> Option<&mut Chosen> {
        self.chosen.iter_mut().find(|chosen| chosen.entry == entry)
    }
}

impl Chosen {
    fn described(&self) -> Value {
        json!({
            "ref": self.entry.to_string(),
            "name": self.file.name,
            "type": self.file.content_type,
            "size": self.file.bytes.len(),
            "last_modified": 1_700_000_000_000_i64,
            "relative_path": "",
        })
    }
}
