//! A file that a tab sends as the official client does: announced, granted, and then part after part, each
//! when the one before was taken.

use tokio_tungstenite::tungstenite::Message;

use super::{BrowserError, Tab, between};

/// Kind of a frame that a client pushes.
const PUSH: u8 = 0;

/// The event of a part.
const CHUNK: &str = "chunk";

impl Tab {
    /// Sends a file to the upload with this ref, until the page has been told that all of it is there.
    /// Another file of the same tab has another `entry`.
    ///
    /// # Errors
    /// [`BrowserError`] when any of it is refused.
    pub async fn send_file(
        &mut self,
        upload: &str,
        entry: usize,
        bytes: &[u8],
    ) -> Result<(), BrowserError> {
        let about = format!(
            r#"{{"last_modified":1700000000000,"name":"a.bin","relative_path":"","size":{},"type":"","ref":"{entry}"}}"#,
            bytes.len()
        );
        self.push(&format!(
            r#"{{"type":"form","event":"changed","value":"_target=files","uploads":{{"{upload}":[{about}]}}}}"#
        ))
        .await?;
        let asked = format!(r#"{{"ref":"{upload}","entries":[{about}]}}"#);
        self.send_as("allow_upload", &asked).await?;
        let granted = self.reply().await?;
        let token = between(&granted, &format!(r#""{entry}":""#), "\"");
        let token = token.ok_or(BrowserError::NotLive)?;
        let part_bytes = number_after(&granted, r#""chunk_size":"#).ok_or(BrowserError::NotLive)?;
        let topic = format!("lvu:{entry}");
        let join_ref = self.next_ref();
        let join =
            format!(r#"["{join_ref}","{join_ref}","{topic}","phx_join",{{"token":"{token}"}}]"#);
        self.socket.send(join.into()).await?;
        self.reply_to(join_ref, join_ref).await?;
        let (mut sent, mut told) = (0, 0);
        for part in bytes.chunks(part_bytes) {
            let message_ref = self.next_ref();
            let frame = part_frame(join_ref, message_ref, &topic, part);
            self.socket.send_message(Message::Binary(frame.into())).await?;
            self.reply_to(join_ref, message_ref).await?;
            sent += part.len();
            let percent = sent * 100 / bytes.len();
            if percent > told {
                told = percent;
                let progress = format!(
                    r#"{{"event":null,"ref":"{upload}","entry_ref":"{entry}","progress":{percent}}}"#
                );
                self.send_as("progress", &progress).await?;
            }
        }
        self.reply().await.map(drop)
    }
}

fn part_frame(join_ref: u64, message_ref: u64, topic: &str, part: &[u8]) -> Vec<u8> {
    let names = [&*join_ref.to_string(), &*message_ref.to_string(), topic, CHUNK];
    // Refs are as long as their numbers.
    let lengths = names.map(|name| u8::try_from(name.len()).unwrap_or(u8::MAX));
    [&[PUSH][..], &lengths, names.concat().as_bytes(), part].concat()
}

fn number_after(text: &str, start: &str) -> Option<usize> {
    let (_, after) = text.split_once(start)?;
    after.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}
