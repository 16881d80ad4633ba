//! `SECRET_KEY_BASE`: the one secret, from which the runtime derives a key for each purpose.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use belvedere::SecretKeyBase;
use tempfile::NamedTempFile;

/// The shortest text taken: 64 bytes, so that even a hexadecimal one carries 256 bits.
const MIN_BYTES: usize = 64;

/// Name of the file in which a debug build keeps its secret.
const FILE_NAME: &str = "secret_key_base";

/// Why there is no secret to start with.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// A release build was given none.
    #[error(
        "SECRET_KEY_BASE is not set: make one with `web secret`, keep it, and set it on every \
         start, or everybody's pages and cookies become invalid each time"
    )]
    Missing,
    /// Short enough to be guessed.
    #[error("SECRET_KEY_BASE has {0} bytes and needs at least 64: make one with `web secret`")]
    TooShort(usize),
    /// One of those that are accepted is short enough to be guessed.
    #[error(
        "a secret of SECRET_KEY_BASE_ACCEPTED has {0} bytes and each needs at least 64: it takes what \
         SECRET_KEY_BASE was, or is to be, with spaces between several"
    )]
    AcceptedTooShort(usize),
    /// The kept secret cannot be read, or not be written.
    #[error(
        "the secret of this debug build cannot be kept in {}: {source}; make the folder writable \
         or set SECRET_KEY_BASE (`web secret` prints one)", file.display()
    )]
    File {
        /// The file that was tried.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Somebody shortened the kept secret.
    #[error("{} holds no secret of at least 64 bytes: delete it, and a new one is made", .0.display())]
    Spoilt(PathBuf),
}

/// Takes a secret that somebody chose.
pub(super) fn parse(text: &str) -> Result<SecretKeyBase, SecretError> {
    match SecretKeyBase::new(text) {
        Ok(secret) if text.len() >= MIN_BYTES => Ok(secret),
        _ => Err(SecretError::TooShort(text.len())),
    }
}

/// The secret that signs, with those that are believed beside it: any number of them, with spaces between.
pub(super) fn with_accepted(
    secret: SecretKeyBase,
    accepted: &str,
) -> Result<SecretKeyBase, SecretError> {
    accepted.split_whitespace().try_fold(secret, |secret, text| match parse(text) {
        Ok(other) => Ok(secret.accepting(other)),
        Err(_) => Err(SecretError::AcceptedTooShort(text.len())),
    })
}

/// The secret kept in a folder, made there first if there is none. Only the owner may read it.
pub(super) fn kept_in(folder: &Path) -> Result<SecretKeyBase, SecretError> {
    let file = folder.join(FILE_NAME);
    let file_error = |source| SecretError::File { file: file.clone(), source };
    let text = read_or_make(&file, folder).map_err(file_error)?;
    parse(text.trim()).map_err(|_| SecretError::Spoilt(file))
}

fn read_or_make(file: &Path, folder: &Path) -> io::Result<String> {
    match fs::read_to_string(file) {
        // What a full disk has left of one.
        Ok(text) if text.trim().is_empty() => fs::remove_file(file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return read,
    }
    make(file, folder)?;
    fs::read_to_string(file)
}

/// Writes a new secret, whole or not at all. One that another process makes meanwhile stays.
fn make(file: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut unnamed = NamedTempFile::new_in(folder)?;
    unnamed.write_all(SecretKeyBase::generate().as_bytes())?;
    unnamed.as_file().sync_all()?;
    match unnamed.persist_noclobber(file) {
        Err(refused) if refused.error.kind() != io::ErrorKind::AlreadyExists => Err(refused.error),
        _ => Ok(()),
    }
}
