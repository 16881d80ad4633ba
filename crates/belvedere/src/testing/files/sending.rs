//! How the client sends chosen files: asks for leave, and then part after part.

use scraper::ElementRef;
use serde_json::{Value, json};

use super::{FileInput, Sending};
use crate::runtime::transport::Incoming;
use crate::testing::dom::Dom;
use crate::testing::tab::Reader;
use crate::testing::view::TestView;
use crate::wire::keys;

/// Bytes that are read of a message that is too long.
const READ_OF_TOO_LONG: usize = 2048;

impl TestView {
    /// Goes on with files that have come to a [halt](crate::testing::TestFile::stalling_after).
    pub async fn resume_uploads(&mut self) {
        for chosen in &mut self.files.chosen {
            chosen.file.stalls_after = None;
        }
        let sending = self.files.chosen.iter().filter(|chosen| chosen.sending.is_some());
        let sending: Vec<_> = sending.map(|chosen| chosen.entry).collect();
        for entry in sending {
            self.send_file(entry).await;
        }
    }

    /// The input of an upload, as the page has it now.
    pub(in crate::testing) fn file_input(&self, upload: &str) -> Option<FileInput> {
        self.input_and_component(upload).map(|(input, _)| input)
    }

    /// The same, and the component that its form names.
    fn input_and_component(&self, upload: &str) -> Option<(FileInput, Option<u64>)> {
        let html = self.html();
        let dom = Dom::of(&html);
        let mut found = dom.all("input[type=file][data-phx-upload-ref]");
        let element = found.find(|input| input.attr("id") == Some(upload))?;
        let id = element.attr("form").map(|form| format!("form[id='{form}']"));
        let around = element.ancestors().filter_map(ElementRef::wrap);
        let form = match &id {
            Some(id) => dom.all(id).next(),
            None => around.into_iter().find(|around| around.value().name() == "form"),
        };
        let component = form.and_then(|form| form.attr("phx-target")?.parse().ok());
        Some((FileInput::of(element), component))
    }

    /// What the client does once the page has the answer to a choice.
    pub(in crate::testing) async fn files_announced(&mut self, upload: &str) {
        if self.file_input(upload).is_some_and(|input| input.is_auto) {
            self.send_files(upload).await;
        }
    }

    /// Asks for leave to send the files of an input, and sends what may be sent.
    pub(in crate::testing) async fn send_files(&mut self, upload: &str) {
        let Some((input, component)) = self.input_and_component(upload) else { return };
        let waiting = self.files.chosen.iter_mut().filter(|chosen| {
            chosen.upload == upload
                && input.active.contains(&chosen.entry)
                && !input.preflighted.contains(&chosen.entry)
                && !chosen.is_asked
        });
        let mut asked = Vec::new();
        let entries: Vec<_> = waiting
            .map(|chosen| {
                chosen.is_asked = true;
                asked.push(chosen.entry);
                chosen.described()
            })
            .collect();
        if entries.is_empty() {
            return;
        }
        let payload = json!({ "ref": upload, "entries": entries });
        let n_before = self.replies().len();
        self.send_for(component, keys::ALLOW_UPLOAD, payload).await;
        let answer = self.replies().get(n_before).cloned().unwrap_or_default();
        let response = &answer[keys::RESPONSE];
        let chunk_size = response[keys::CONFIG][keys::CHUNK_SIZE].as_u64().unwrap_or_default();
        for entry in asked {
            let granted = &response[keys::ENTRIES][entry.to_string()];
            let token = granted.as_str().map(str::to_owned);
            let Some(chosen) = self.files.find_mut(entry) else { continue };
            chosen.is_asked = !granted.is_null();
            if granted.is_null() {
                continue;
            }
            chosen.sending = Some(Sending {
                join_ref: String::new(),
                offset: 0,
                n_parts: 0,
                chunk_size: usize::try_from(chunk_size).unwrap_or(usize::MAX),
                last_progress: None,
            });
            match token {
                Some(token) => self.begin_file(entry, &token).await,
                None => self.files.elsewhere.push(granted.clone()),
            }
        }
    }

    async fn begin_file(&mut self, entry: u64, token: &str) {
        let (topic, join_ref) = (topic(entry), self.next_ref().to_string());
        self.tab.open(&topic);
        let frame = json!([join_ref, join_ref, topic, keys::JOIN, { "token": token }]);
        if let Some(sending) = self.files.find_mut(entry).and_then(|own| own.sending.as_mut()) {
            sending.join_ref = join_ref;
        }
        self.send_text(frame.to_string()).await;
        match self.answered(entry) {
            Some(Ok(())) => self.send_file(entry).await,
            Some(Err(reason)) => self.file_failed(entry, &reason).await,
            None => {}
        }
    }

    /// Sends part after part, each when the one before is answered.
    async fn send_file(&mut self, entry: u64) {
        while let Some((part, percent)) = self.next_part(entry) {
            let message_ref = self.next_ref().to_string();
            let join_ref = self.files.find_mut(entry).and_then(|own| own.sending.as_ref());
            let join_ref = join_ref.map(|sending| sending.join_ref.clone()).unwrap_or_default();
            self.send_bytes(part_frame(&join_ref, &message_ref, &topic(entry), &part)).await;
            match self.answered(entry) {
                Some(Ok(())) => self.report(entry, percent).await,
                Some(Err(reason)) => return self.file_failed(entry, &reason).await,
                None => return,
            }
            let is_active = self.files.find_mut(entry).is_some_and(|own| own.sending.is_some());
            if !is_active || self.is_cancelled(entry) {
                return;
            }
        }
    }

    fn next_part(&mut self, entry: u64) -> Option<(Vec<u8>, usize)> {
        let chosen = self.files.find_mut(entry)?;
        let sending = chosen.sending.as_mut()?;
        let bytes = &chosen.file.bytes;
        if sending.offset == bytes.len() || chosen.file.stalls_after == Some(sending.n_parts) {
            return None;
        }
        let end = sending.offset.saturating_add(sending.chunk_size).min(bytes.len());
        let part = bytes[sending.offset..end].to_vec();
        (sending.offset, sending.n_parts) = (end, sending.n_parts + 1);
        Some((part, end * 100 / bytes.len()))
    }

    /// Sends a binary frame as it is, and waits until everything is quiet.
    pub async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.send_bytes_at_once(bytes).await;
        self.settle().await;
    }

    /// Sends a binary frame and does not wait: the server may still be working on it. Of one that is too
    /// long only the beginning is read, as from a socket.
    pub async fn send_bytes_at_once(&mut self, mut bytes: Vec<u8>) {
        let is_cut = bytes.len() > self.app.runtime.config.max_frame_bytes;
        if is_cut {
            bytes.truncate(READ_OF_TOO_LONG);
        }
        let ticket = Some(self.app.runtime.in_flight.ticket());
        self.tab.send(Incoming::Binary { bytes: bytes.into(), is_cut, ticket }).await;
    }

    /// Says how far a file is, as often as that is news.
    async fn report(&mut self, entry: u64, percent: usize) {
        let Some(chosen) = self.files.find_mut(entry) else { return };
        let Some(sending) = chosen.sending.as_mut() else { return };
        if sending.last_progress.is_some_and(|last| last >= percent) {
            return;
        }
        sending.last_progress = Some(percent);
        let upload = chosen.upload.clone();
        if percent == 100 {
            chosen.sending = None;
        }
        self.report_upload(&upload, entry, json!(percent)).await;
    }

    /// Says of the file with this ref how far it is, or `{"error": …}`, as the browser's script does of
    /// one that is sent elsewhere.
    pub async fn report_upload(&mut self, upload: &str, entry: u64, progress: Value) {
        let component = self.input_and_component(upload).and_then(|(_, component)| component);
        let payload = json!({
            "event": null,
            "ref": upload,
            "entry_ref": entry.to_string(),
            "progress": progress,
        });
        Box::pin(self.send_for(component, keys::PROGRESS, payload)).await;
    }

    async fn file_failed(&mut self, entry: u64, reason: &str) {
        let Some(chosen) = self.files.find_mut(entry) else { return };
        let (Some(sending), upload) = (chosen.sending.take(), chosen.upload.clone()) else {
            return;
        };
        let leave =
            json!([sending.join_ref, self.next_ref().to_string(), topic(entry), keys::LEAVE, {}]);
        self.send_text(leave.to_string()).await;
        if reason == "writer_error" {
            return;
        }
        self.report_upload(&upload, entry, json!({ "error": reason })).await;
        if self.file_input(&upload).is_some_and(|input| !input.is_auto) {
            self.files.chosen.retain(|chosen| chosen.upload != upload);
        }
    }

    /// What the server has said on the topic of an upload: the last answer, unless it has ended the topic.
    fn answered(&mut self, entry: u64) -> Option<Result<(), String>> {
        let mut answer = None;
        let topic = topic(entry);
        for text in self.tab.take(Reader::Nested(&topic)) {
            let frame: Value = serde_json::from_str(&text).expect("the server sends JSON");
            let payload = &frame[4];
            match frame[3].as_str().unwrap_or_default() {
                keys::REPLY if payload[keys::STATUS] == "ok" => answer = Some(Ok(())),
                keys::REPLY => {
                    let reason = payload[keys::RESPONSE][keys::REASON].as_str();
                    answer = Some(Err(reason.unwrap_or_default().to_owned()));
                }
                keys::CLOSE if !matches!(answer, Some(Err(_))) => answer = None,
                _ => {}
            }
        }
        answer
    }

    /// Whether the page lists a file no more, which the browser then forgets.
    fn is_cancelled(&mut self, entry: u64) -> bool {
        let Some(upload) = self.files.find_mut(entry).map(|own| own.upload.clone()) else {
            return true;
        };
        let is_listed = self.file_input(&upload).is_some_and(|input| input.active.contains(&entry));
        if !is_listed {
            self.files.chosen.retain(|chosen| chosen.entry != entry);
        }
        !is_listed
    }

    /// What the page's script was given of files that are sent elsewhere, in the order in which it was.
    #[must_use]
    pub fn sent_elsewhere(&self) -> &[Value] {
        &self.files.elsewhere
    }
}

/// A part of a file on the topic of an upload, as the browser sends it or as it should not.
///
/// # Panics
///
/// When a name has more than 255 bytes.
#[must_use]
pub fn part_frame(join_ref: &str, message_ref: &str, topic: &str, part: &[u8]) -> Vec<u8> {
    let names = [join_ref, message_ref, topic, keys::CHUNK];
    let lengths = names.map(|name| u8::try_from(name.len()).expect("a short name"));
    [&[0][..], &lengths, names.concat().as_bytes(), part].concat()
}

fn topic(entry: u64) -> String {
    format!("{}{entry}", keys::TOPIC_UPLOAD_PREFIX)
}
