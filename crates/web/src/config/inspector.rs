//! `INSPECTOR_PASSWORD`: who may look into the running application.

use std::fmt;

use crate::config::Listen;

/// The shortest password taken: it guards every statement and trace of the application.
const MIN_CHARS: usize = 8;

/// Who may open the inspector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InspectorAccess {
    /// Nobody; the explanation how to turn it on is for developers only.
    Off(Explained),
    /// Whoever asks for it under a name of this machine: a debug build that listens on loopback.
    Local,
    /// Whoever knows the password.
    Password(Password),
}

/// Whether the page of an inspector that is off says how to turn it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explained {
    /// It does: a debug build, or a server for this machine alone.
    Yes,
    /// It is a missing page like any other.
    No,
}

/// A password; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why `INSPECTOR_PASSWORD` cannot be used. The password itself is not repeated.
#[derive(Debug, thiserror::Error)]
#[error(
    "INSPECTOR_PASSWORD has {0} characters and needs at least 8; leave it out to keep the \
     inspector off"
)]
pub struct PasswordError(usize);

impl InspectorAccess {
    /// The access for a setting and the addresses listened on.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] when the password is too short.
    pub fn parse(password: Option<&str>, listen: &Listen) -> Result<Self, PasswordError> {
        let is_local = listen.addresses().iter().all(|address| address.ip().is_loopback());
        Ok(match password {
            Some(password) => Self::Password(Password::parse(password)?),
            None if cfg!(debug_assertions) && is_local => Self::Local,
            None if cfg!(debug_assertions) || is_local => Self::Off(Explained::Yes),
            None => Self::Off(Explained::No),
        })
    }

    /// Whether anybody may open it.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off(_))
    }
}

impl Password {
    /// Takes a password that somebody chose.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] when it has fewer than eight characters.
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        match text.chars().count() {
            n_chars if n_chars < MIN_CHARS => Err(PasswordError(n_chars)),
            _ => Ok(Self(text.to_owned())),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(password: Option<&str>, host: Option<&str>) -> InspectorAccess {
        let listen = Listen::parse(host, None).expect("an address");
        InspectorAccess::parse(password, &listen).expect("long enough")
    }

    #[test]
    fn a_debug_build_on_loopback_needs_no_password() {
        assert_eq!(access(None, None), InspectorAccess::Local);
        assert_eq!(access(None, Some("::1")), InspectorAccess::Local);
        for public in ["::", "0.0.0.0", "192.168.1.4"] {
            assert_eq!(access(None, Some(public)), InspectorAccess::Off(Explained::Yes));
        }
    }

    #[test]
    fn a_password_holds_everywhere() {
        for host in [None, Some("::")] {
            let access = access(Some("open sesame"), host);
            assert!(matches!(access, InspectorAccess::Password(_)));
            assert!(!format!("{access:?}").contains("sesame"));
        }
    }

    #[test]
    fn a_short_password_is_refused_and_not_repeated() {
        let error = Password::parse("1234567").expect_err("too short").to_string();
        assert!(error.contains("7 characters") && !error.contains("1234567"), "{error}");
    }
}
