//! What is checked of a file when it is chosen: by what its browser says of it.

use super::{UploadError, UploadOptions};
use crate::wire::message::ClientFile;

/// Longest name, type and place of a file, in bytes; longer ones are no browser's.
const MAX_TEXT_BYTES: usize = 4096;

/// Characters that are kept of the name of a file of which more is said.
const MAX_REFUSED_NAME: usize = 255;

/// Longest JSON that a script may say of a file, in bytes.
const MAX_META_BYTES: usize = 8192;

/// Refuses a file of which too much is said, and keeps no more than the beginning of its name.
pub(super) fn measure(file: &mut ClientFile) -> Result<(), UploadError> {
    let texts = [&file.name, &file.content_type, &file.relative_path];
    let n_meta = file.meta.as_ref().map_or(0, |meta| meta.get().len());
    if texts.iter().all(|text| text.len() <= MAX_TEXT_BYTES) && n_meta <= MAX_META_BYTES {
        return Ok(());
    }
    file.name = file.name.chars().take(MAX_REFUSED_NAME).collect();
    file.content_type = Default::default();
    file.relative_path = Default::default();
    file.meta = None;
    Err(UploadError::refused("The file's name is too long."))
}

/// Refuses a file that the options do not allow, by what its browser says of it.
pub(super) fn validate(file: &ClientFile, options: &UploadOptions) -> Result<(), UploadError> {
    if file.size == 0 {
        return Err(UploadError::Empty);
    }
    if file.size > options.max_file_bytes {
        return Err(UploadError::TooLarge { max_bytes: options.max_file_bytes });
    }
    if !options.accept.takes_name(&file.name, &file.content_type) {
        return Err(UploadError::NotAccepted);
    }
    Ok(())
}
