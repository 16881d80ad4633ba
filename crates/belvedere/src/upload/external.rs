//! Files that the browser sends to another server, with what this one has signed for it.

use std::future::Future;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Source, Upload, UploadEntry, UploadOptions};
use crate::error::Result;

/// Key of the name by which the page's script finds what sends a file.
const UPLOADER: &str = "uploader";

/// Where the browser sends a file by itself, and with what: an address that was signed for it, for example.
///
/// The page's script has a function for it, which does the sending and says how far it is:
///
/// ```js
/// Belvedere.connect({
///   uploaders: {
///     Store: (entries) => entries.forEach((entry) => {
///       const request = new XMLHttpRequest();
///       request.upload.onprogress = ({ loaded, total }) => entry.progress(Math.min(99, (loaded / total) * 100));
///       request.onload = () => (request.status < 300 ? entry.progress(100) : entry.error());
///       request.onerror = () => entry.error();
///       request.open("PUT", entry.meta.url);
///       request.send(entry.file);
///     }),
///   },
/// });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalUpload {
    meta: Map<String, Value>,
}

impl ExternalUpload {
    /// Sent by the function of this name, which finds the fields of `meta` in `entry.meta`.
    ///
    /// # Errors
    ///
    /// When `meta` is not written as a JSON object.
    pub fn new(uploader: &str, meta: &impl Serialize) -> Result<Self, serde_json::Error> {
        let Value::Object(mut meta) = serde_json::to_value(meta)? else {
            return Err(serde::ser::Error::custom("what an uploader is told is no object"));
        };
        meta.insert(UPLOADER.to_owned(), uploader.into());
        Ok(Self { meta })
    }

    /// A field of what the page's script was given.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.meta.get(field)
    }
}

impl Upload<ExternalUpload> {
    /// Of files that the browser sends to another server. For each of them `sign` says where, and with
    /// what; the view is given that again when the browser says that it has sent it.
    ///
    /// The server knows of the file what the browser says, and no more: neither its size nor its content
    /// is checked here. Let the other server check what was signed.
    ///
    /// ```
    /// use belvedere::upload::{ExternalUpload, Upload, UploadOptions};
    /// use serde_json::json;
    ///
    /// let videos = Upload::external("videos", UploadOptions::default(), async |entry| {
    ///     let url = format!("https://store.example/{}?signature=…", entry.id());
    ///     Ok(ExternalUpload::new("Store", &json!({ "url": url }))?)
    /// });
    /// # assert!(videos.entries().is_empty());
    /// ```
    #[must_use]
    pub fn external<F>(
        name: &'static str,
        options: UploadOptions,
        sign: impl Fn(UploadEntry) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<ExternalUpload>> + Send + 'static,
    {
        let sign = Arc::new(sign);
        Self::of(
            name,
            options,
            Source::Elsewhere(Box::new(move |entry| {
                let signing = sign(entry);
                Box::pin(async move {
                    let signed = signing.await?;
                    Ok((Value::Object(signed.meta.clone()).to_string(), signed))
                })
            })),
        )
    }
}
