//! `PUBLIC_URL`: what browsers call this server when a proxy stands before it.

use std::fmt;

use http::Uri;
use http::uri::Authority;

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
        let authority = uri.authority().filter(|authority| is_host(authority));
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

/// Whether it is a host, or one with a port that there is, and no name of somebody before it.
fn is_host(authority: &Authority) -> bool {
    let host = authority.host();
    let has_no_more = authority.as_str() == host;
    let has_port = || authority.port_u16().is_some() && !authority.as_str().contains('@');
    !host.is_empty() && (has_no_more || has_port())
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
