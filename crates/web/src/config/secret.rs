//! `SECRET_KEY_BASE`: the one secret, from which the runtime derives a key for each purpose.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::RngCore as _;

/// The shortest text taken: 64 bytes, so that even a hexadecimal one carries 256 bits.
const MIN_BYTES: usize = 64;

/// Random bytes in a generated secret, 86 characters of base64.
const GENERATED_BYTES: usize = 64;

/// Name of the file in which a debug build keeps its secret.
const FILE_NAME: &str = "secret_key_base";

/// A secret of at least 64 bytes. It is never printed but by `web secret`.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKeyBase(String);

/// Why there is no secret to start with.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// A release build was given none.
    #[error(
        "SECRET_KEY_BASE is not set; make one with `web secret`, keep it, and set it on every \
         start, or everybody's pages and cookies become invalid each time"
    )]
    Missing,
    /// Too short to be guessed at leisure.
    #[error("SECRET_KEY_BASE has {0} bytes and needs at least 64; make one with `web secret`")]
    TooShort(usize),
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
}

impl SecretKeyBase {
    /// Takes a secret that somebody chose.
    ///
    /// # Errors
    ///
    /// [`SecretError::TooShort`] under 64 bytes.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        match text.len() {
            MIN_BYTES.. => Ok(Self(text.to_owned())),
            length => Err(SecretError::TooShort(length)),
        }
    }

    /// A new random secret.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; GENERATED_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        Self(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The secret kept in a folder, made there first if there is none. Only the owner may read it.
    ///
    /// # Errors
    ///
    /// [`SecretError::File`] when it cannot be read or written, [`SecretError::TooShort`] when
    /// somebody shortened it.
    pub fn kept_in(folder: &Path) -> Result<Self, SecretError> {
        let file = folder.join(FILE_NAME);
        let file_error = |source| SecretError::File {
            file: file.clone(),
            source,
        };
        match fs::read_to_string(&file) {
            Ok(text) => Self::parse(text.trim()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secret = Self::generate();
                fs::create_dir_all(folder).map_err(file_error)?;
                write_private(&file, &secret.0).map_err(file_error)?;
                Ok(secret)
            }
            Err(error) => Err(file_error(error)),
        }
    }

    /// The text, for key derivation.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretKeyBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKeyBase(redacted)")
    }
}

fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(text.as_bytes())
}
