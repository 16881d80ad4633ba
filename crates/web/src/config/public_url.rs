//! `PUBLIC_URL`: what browsers call this server when a proxy stands before it.

use std::fmt;

use http::Uri;

/// Scheme and authority, such as `https://users.example`, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// Why `PUBLIC_URL` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "PUBLIC_URL is {0:?}; set it to scheme and host without a path, such as https://users.example"
)]
pub struct PublicUrlError(String);

impl PublicUrl {
    /// Reads the setting.
    ///
    /// # Errors
    ///
    /// [`PublicUrlError`] when there is anything but `http` or `https` and a host.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let error = || PublicUrlError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| error())?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        match (scheme, authority, uri.path_and_query().map_or("/", |path| path.as_str())) {
            (Some(scheme), Some(authority), "/") => {
                // Browsers leave a scheme's own port out.
                let default_port = if scheme == "https" { ":443" } else { ":80" };
                let authority = authority.as_str().to_ascii_lowercase();
                let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
                Ok(Self(format!("{scheme}://{authority}")))
            }
            _ => Err(error()),
        }
    }

    /// The origin, as browsers write it in the `origin` header.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
