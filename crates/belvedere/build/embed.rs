//! Turns one file into a constant of type `Asset`: hashed name, precompressed, in `OUT_DIR`.
//!
//! Brotli takes its time, so the client's files are compressed here and not at start-up. The served side
//! is `http::assets`.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// Bytes of the digest that enter a file's name: 64 bits, written as 16 hexadecimal digits.
const HASH_BYTES_IN_NAME: usize = 8;

/// A file to embed.
pub(crate) struct Source<'a> {
    /// Name of the generated constant, such as `APP_CSS`.
    pub(crate) constant: &'a str,
    /// URL folder with both slashes, such as `/assets/`.
    pub(crate) folder: &'a str,
    /// File name without its extension, such as `app`.
    pub(crate) stem: &'a str,
    /// File name's extension, which decides the media type: `js` or `css`.
    pub(crate) extension: &'a str,
    /// The file itself.
    pub(crate) bytes: &'a [u8],
}

/// Writes the three encodings of `source` to `out_dir` and returns the constant's Rust text.
///
/// The text names the type `Asset`, which the including module must have in scope.
///
/// # Errors
///
/// When `out_dir` cannot be written to.
pub(crate) fn embed(out_dir: &Path, source: &Source<'_>) -> io::Result<String> {
    let Source { constant, folder, stem, extension, bytes } = source;
    let name = format!("{stem}-{}.{extension}", short_hash(bytes));
    fs::write(out_dir.join(&name), bytes)?;
    fs::write(out_dir.join(format!("{name}.gz")), gzip(bytes)?)?;
    fs::write(out_dir.join(format!("{name}.br")), brotli(bytes)?)?;

    let include =
        |suffix: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}{suffix}\"))");
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "pub(crate) const {constant}: Asset = Asset {{\n    path: \"{folder}{name}\",\n    \
         content_type: \"{}\",\n    identity: {},\n    gzip: {},\n    brotli: {},\n}};\n",
        media_type(extension),
        include(""),
        include(".gz"),
        include(".br"),
    );
    Ok(text)
}

fn media_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    }
}

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(HASH_BYTES_IN_NAME).fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &params)?;
    Ok(compressed)
}
