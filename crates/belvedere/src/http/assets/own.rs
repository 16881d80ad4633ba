//! A file of the program itself as an [`Asset`]: named by its content, compressed once.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::Asset;
use crate::wire::hex::Hex;

/// Bytes of the digest that enter a file's name: 64 bits, written as 16 hexadecimal digits.
const HASH_BYTES_IN_NAME: usize = 8;

/// The paths of all files embedded so far: what this program serves, should a page ask whether it has
/// the same. As many as the program has calls of [`Asset::embedded`].
static PATHS: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

pub(crate) fn embedded_paths() -> Vec<&'static str> {
    PATHS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Asset {
    /// An asset of `file`, to be kept in a static.
    ///
    /// `path` is its path from the root, such as `/assets/app.css`; the hash of the content is added
    /// to the name. The path's end decides the media type. The file is also kept compressed with
    /// gzip, if that makes it smaller.
    ///
    /// ```
    /// use std::sync::LazyLock;
    ///
    /// use axum::Router;
    /// use belvedere::http::assets::Asset;
    ///
    /// static STYLE: LazyLock<Asset> =
    ///     LazyLock::new(|| Asset::embedded("/assets/app.css", b"body { color: teal }"));
    ///
    /// assert_eq!(STYLE.path, "/assets/app-56728551dac97e8f.css");
    /// let app: Router = STYLE.route(Router::new());
    /// ```
    ///
    /// A page that shows it by a tag with `phx-track-static` is told to reload when it reconnects to a
    /// server with another one. Path and compressed file are kept for as long as the process lives.
    #[must_use]
    pub fn embedded(path: &str, file: &'static [u8]) -> Self {
        let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
        let dot = if extension.is_empty() { "" } else { "." };
        let path = format!("{stem}-{}{dot}{extension}", short_hash(file));
        let gzip = gzip(file).filter(|gzip| gzip.len() < file.len()).unwrap_or_default();
        let path: &'static str = path.leak();
        PATHS.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        Self {
            path,
            content_type: content_type(extension),
            identity: file,
            gzip: gzip.leak(),
            brotli: &[],
        }
    }
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "jpg" | "jpeg" => "image/jpeg",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn short_hash(file: &[u8]) -> String {
    Hex(&Sha256::digest(file)[..HASH_BYTES_IN_NAME]).to_string()
}

fn gzip(file: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(file).ok()?;
    encoder.finish().ok()
}
