//! What may be chosen, and how it travels.

use std::time::Duration;

use super::Accept;

/// What may be chosen for one [`Upload`](super::Upload), and how it travels.
///
/// ```
/// use belvedere::upload::{Accept, UploadOptions};
///
/// let options = UploadOptions {
///     max_entries: 3,
///     accept: Accept::only([".png", "image/jpeg"]),
///     ..UploadOptions::default()
/// };
/// assert_eq!(options.max_file_bytes, 8_000_000);
/// ```
#[derive(Clone, Debug)]
pub struct UploadOptions {
    /// Most files at once. With 1, the default, another file takes the place of the one before. A page
    /// sends all of them at once: no more than
    /// [`max_uploads_per_socket`](crate::LiveConfig::max_uploads_per_socket) find room.
    ///
    /// Of an [`auto`](Self::auto) upload with more, those that the view has
    /// [taken](super::Upload::take) count on, until [`Upload::reset`](super::Upload::reset).
    pub max_entries: usize,
    /// Most bytes of a file. Default: 8,000,000.
    pub max_file_bytes: u64,
    /// Which types of files. Default: any.
    pub accept: Accept,
    /// Files are sent as soon as they are chosen, rather than when their form is. Default: no.
    pub auto: bool,
    /// Bytes of a file that travel at once. Default: 256,000. The browser sends the next ones when these
    /// have come, so this divided by the time that a message takes there and back is the most that comes
    /// in that time: 5 MB/s over a way of 50 ms. What a visitor does meanwhile waits behind them: over
    /// 1 Mbit/s two seconds. A message carries no more than
    /// [`LiveConfig::max_frame_bytes`](crate::LiveConfig::max_frame_bytes), and those of all files that are
    /// sent together no more than a quarter of
    /// [`max_waiting_bytes`](crate::LiveConfig::max_waiting_bytes), so beyond that, less than this comes
    /// at once.
    pub chunk_bytes: usize,
    /// How long the next part of a file is waited for. Default: 30 s. For all parts together it is waited
    /// as if each took so long, and at least a minute.
    pub chunk_timeout: Duration,
    /// How long a file that is here waits to be [taken](super::Upload::take). One that was not is gone then,
    /// its entry says so ([`UploadError::NotTaken`](super::UploadError::NotTaken)), and so does the log, once
    /// in a while. Default: an hour, for a form that takes its time.
    pub take_timeout: Duration,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            max_entries: 1,
            max_file_bytes: 8_000_000,
            accept: Accept::ANY,
            auto: false,
            chunk_bytes: 256_000,
            chunk_timeout: Duration::from_secs(30),
            take_timeout: Duration::from_secs(3600),
        }
    }
}
