//! `INSPECTOR_PASSWORD`: who may look into the running application.

use belvedere::http::ClientAddress;
use belvedere_inspector::{Guard, Password, PasswordError};

use crate::config::Listen;

/// Who may open the inspector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InspectorAccess {
    /// Nobody; the explanation how to turn it on is for developers only.
    Off(Explained),
    /// Whom this guard lets pass.
    On(Guard),
}

/// Whether the page of an inspector that is off says how to turn it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explained {
    /// It does: a debug build, or a server for this machine alone.
    Yes,
    /// It is a missing page like any other.
    No,
}

/// Why the inspector's settings cannot be used. The password itself is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum InspectorError {
    /// `INSPECTOR_PASSWORD`.
    #[error("INSPECTOR_PASSWORD: {0}; leave it out to keep the inspector off")]
    Password(#[from] PasswordError),
}

impl InspectorAccess {
    /// The access for the setting and the addresses listened on; wrong passwords are counted by
    /// `client_address`.
    ///
    /// # Errors
    ///
    /// [`InspectorError`] names the setting that cannot be used.
    pub fn parse(
        password: Option<&str>,
        client_address: ClientAddress,
        listen: &Listen,
    ) -> Result<Self, InspectorError> {
        let is_local = listen.addresses().iter().all(|address| address.ip().is_loopback());
        Ok(match password {
            Some(password) => {
                Self::On(Guard::Password { password: Password::parse(password)?, client_address })
            }
            None if cfg!(debug_assertions) && is_local => Self::On(Guard::ThisMachine),
            None if cfg!(debug_assertions) || is_local => Self::Off(Explained::Yes),
            None => Self::Off(Explained::No),
        })
    }

    /// Whether anybody may open it.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self, Self::On(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(password: Option<&str>, host: Option<&str>) -> InspectorAccess {
        let listen = Listen::parse(host, None).expect("an address");
        InspectorAccess::parse(password, ClientAddress::Peer, &listen).expect("long enough")
    }

    #[test]
    fn a_debug_build_on_loopback_needs_no_password() {
        assert_eq!(access(None, None), InspectorAccess::On(Guard::ThisMachine));
        assert_eq!(access(None, Some("::1")), InspectorAccess::On(Guard::ThisMachine));
        for public in ["::", "0.0.0.0", "192.168.1.4"] {
            assert_eq!(access(None, Some(public)), InspectorAccess::Off(Explained::Yes));
        }
    }

    #[test]
    fn a_password_holds_everywhere() {
        for host in [None, Some("::")] {
            let access = access(Some("open sesame"), host);
            assert!(matches!(access, InspectorAccess::On(Guard::Password { .. })));
            assert!(!format!("{access:?}").contains("sesame"));
        }
    }

    #[test]
    fn a_short_password_is_refused_and_not_repeated() {
        let listen = Listen::parse(None, None).expect("an address");
        let parsed = InspectorAccess::parse(Some("1234567"), ClientAddress::Peer, &listen);
        let error = parsed.expect_err("too short").to_string();
        assert!(error.contains("7 characters") && !error.contains("1234567"), "{error}");
    }
}
