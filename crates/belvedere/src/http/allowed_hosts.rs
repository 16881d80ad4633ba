//! [`AllowedHosts`]: under which names an application answers.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Under which names an application answers ([`LiveConfig::allowed_hosts`](crate::LiveConfig::allowed_hosts)).
///
/// The owner of any site can have its name lead to a server that his visitors reach and he does not: one on their own
/// machine, or in their network. Their browsers then take that server for his site, and his scripts read its pages
/// and do what anybody may who has no cookie (DNS rebinding). The names of such a server are few, so it knows others
/// from them. Requests for others are answered with 421, and the log says so once a minute.
///
/// An address is no name that could be made to lead elsewhere, and always answered, as is the host of
/// [`public_url`](crate::LiveConfig::public_url).
///
/// ```
/// use belvedere::http::AllowedHosts;
///
/// let of_the_office = AllowedHosts::Only(vec!["tools.office.example".to_owned()]);
/// # assert_ne!(of_the_office, AllowedHosts::default());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AllowedHosts {
    /// Any: for a server that everybody reaches, or one behind a proxy that knows its names.
    #[default]
    Any,
    /// `localhost`, and what ends in `.localhost`: for a server that listens on loopback, and has no proxy before it.
    ThisMachine,
    /// These, without ports.
    Only(Vec<String>),
}

impl AllowedHosts {
    /// Whether a host is one of them; without a port, an IPv6 address in brackets.
    pub(super) fn allows(&self, host: &str) -> bool {
        let name = host.strip_suffix('.').unwrap_or(host);
        match self {
            Self::Any => true,
            _ if is_address(name) => true,
            Self::ThisMachine => {
                let (_, last) = name.rsplit_once('.').unwrap_or(("", name));
                last.eq_ignore_ascii_case("localhost")
            }
            Self::Only(names) => names.iter().any(|own| own.eq_ignore_ascii_case(name)),
        }
    }
}

fn is_address(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    v6.map_or_else(|| host.parse::<Ipv4Addr>().is_ok(), |v6| v6.parse::<Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_and_addresses_are_known() {
        let own = AllowedHosts::ThisMachine;
        for host in [
            "localhost",
            "LOCALHOST",
            "users.localhost",
            "localhost.",
            "127.0.0.1",
            "[::1]",
            "192.0.2.7",
        ] {
            assert!(own.allows(host), "{host}");
        }
        for host in
            ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "evillocalhost", "", "::1"]
        {
            assert!(!own.allows(host), "{host}");
        }
        let named = AllowedHosts::Only(vec!["Tools.example".to_owned()]);
        assert!(named.allows("tools.example") && named.allows("10.0.0.1"));
        assert!(!named.allows("localhost") && !named.allows("evil.tools.example"));
        assert!(AllowedHosts::Any.allows("evil.test"));
    }
}
