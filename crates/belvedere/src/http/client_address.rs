//! Who a request is from: the other end of its connection, or whom a proxy names.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::str::FromStr;

use axum::extract::ConnectInfo;
use http::header::{FORWARDED, HeaderName};
use http::{Extensions, HeaderMap, HeaderValue};

/// The list that each proxy adds its own client to.
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers by which proxies tell of their clients.
const OF_PROXIES: [&str; 4] = ["x-forwarded-for", "fly-client-ip", "forwarded", "x-real-ip"];

/// The bits of an IPv6 address that name a customer's network, who has all addresses in it.
const NETWORK_BITS: u32 = 64;

/// Where the address of a request's client stands.
///
/// A client can send any header itself, so only one that the proxy in front of the server sets on
/// every request may be named. Written as text, that is `Fly-Client-IP`, `X-Real-IP` or the like;
/// `X-Forwarded-For` for one proxy that adds to it, `X-Forwarded-For:2` for two in a row.
///
/// A request without the header did not come through the proxy: then the other end of its
/// connection counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ClientAddress {
    /// The other end of the connection: clients connect themselves.
    #[default]
    Peer,
    /// A header that the proxy sets to this one address.
    Header(HeaderName),
    /// `X-Forwarded-For`, counted from its end: 1 is what the last proxy added.
    ForwardedFor(NonZeroUsize),
}

/// Why a text names no header with a client's address.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is no header that names a client; set it to the proxy's own, such as Fly-Client-IP, or \
     to X-Forwarded-For:2 behind two proxies"
)]
pub struct ClientAddressError(String);

impl FromStr for ClientAddress {
    type Err = ClientAddressError;

    fn from_str(text: &str) -> Result<Self, ClientAddressError> {
        let error = || ClientAddressError(text.to_owned());
        let (name, hops) = match text.split_once(':') {
            Some((name, hops)) => (name, Some(hops.trim().parse().map_err(|_| error())?)),
            None => (text, None),
        };
        let name: HeaderName = name.trim().parse().map_err(|_| error())?;
        match hops {
            _ if name == FORWARDED_FOR => Ok(Self::ForwardedFor(hops.unwrap_or(NonZeroUsize::MIN))),
            // Its syntax is another one, and no proxy sets it alone.
            None if name == FORWARDED => Err(error()),
            None => Ok(Self::Header(name)),
            Some(_) => Err(error()),
        }
    }
}

impl ClientAddress {
    /// The client of a request with these headers, on a connection from `peer`.
    #[must_use]
    pub fn of(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<IpAddr> {
        self.named(headers).or(peer)
    }

    /// Whose share of a server a request takes, with these headers and on a connection from `peer`.
    ///
    /// `None` where that would be the share of many: the peer is not known; it is this machine itself,
    /// as of a tunnel; or it is a machine of a private network that speaks for others, by a header that
    /// is not trusted. All whose trusted header names nobody have the one share of their peer.
    #[must_use]
    pub fn network(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<ClientNetwork> {
        if let Some(named) = self.named(headers) {
            return Some(ClientNetwork::of(named));
        }
        let peer = peer?.to_canonical();
        let is_of_many = peer.is_loopback() || is_private(peer) && self.misses_a_proxy(headers);
        let is_many = is_of_many && !self.has_header(headers);
        (!is_many).then(|| ClientNetwork::of(peer))
    }

    /// Whom the trusted header names. Clients write what they like into what the proxy adds to.
    fn named(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut from_last = headers.get_all(self.header()?).iter().rev().map(HeaderValue::as_bytes);
        let named = match self {
            Self::Peer | Self::Header(_) => from_last.next(),
            Self::ForwardedFor(hops) => {
                from_last.flat_map(|line| line.rsplit(|byte| *byte == b',')).nth(hops.get() - 1)
            }
        };
        named.and_then(address)
    }

    /// Whether a request has the trusted header, whatever it says.
    fn has_header(&self, headers: &HeaderMap) -> bool {
        self.header().is_some_and(|name| headers.contains_key(name))
    }

    /// The trusted header.
    fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Peer => None,
            Self::Header(name) => Some(name),
            Self::ForwardedFor(_) => Some(&FORWARDED_FOR),
        }
    }

    /// Whether a request carries a header of a proxy's though none is trusted, so that its peer is
    /// probably the proxy.
    #[must_use]
    pub fn misses_a_proxy(&self, headers: &HeaderMap) -> bool {
        *self == Self::Peer && OF_PROXIES.iter().any(|name| headers.contains_key(*name))
    }
}

/// The addresses that are counted as one client: an IPv4 address, or of IPv6 the network of 64 bits, all
/// of which one customer has.
///
/// ```
/// use belvedere::http::ClientNetwork;
///
/// let of = |text: &str| ClientNetwork::of(text.parse().expect("an address"));
/// assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
/// assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// The network of this address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let mask = u128::MAX << (u128::BITS - NETWORK_BITS);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
            address @ IpAddr::V4(_) => address,
        })
    }

    /// The address, or the first one of its network.
    pub(crate) const fn address(self) -> IpAddr {
        self.0
    }
}

impl fmt::Debug for ClientNetwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(formatter, "{address}"),
            IpAddr::V6(address) => write!(formatter, "{address}/{NETWORK_BITS}"),
        }
    }
}

/// The other end of a request's connection, where the server tells it.
pub(super) fn peer_of(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| *address)
}

/// Whether an address belongs to a network without a way out of its own.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// An address, which some proxies write with a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?.trim();
    let with_port = || text.parse().map(|address: SocketAddr| address.ip()).ok();
    text.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(setting: &str, headers: &[(&'static str, &'static str)]) -> String {
        let setting: ClientAddress = setting.parse().expect("a header");
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value);
        }
        setting.of(&headers, Some([10, 0, 0, 1].into())).expect("a peer").to_string()
    }

    #[test]
    fn the_header_of_the_proxy_names_the_client() {
        assert_eq!(of("Fly-Client-IP", &[("fly-client-ip", "2001:db8::7")]), "2001:db8::7");
        assert_eq!(of("X-Real-IP", &[("x-real-ip", "192.0.2.1:4711")]), "192.0.2.1");
        assert_eq!(of("Fly-Client-IP", &[("x-forwarded-for", "192.0.2.1")]), "10.0.0.1");
        assert_eq!(of("Fly-Client-IP", &[("fly-client-ip", "nonsense")]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_writes_into_the_list_itself_counts_for_nothing() {
        let invented = ("x-forwarded-for", "203.0.113.9, 203.0.113.8");
        let added = ("x-forwarded-for", "192.0.2.1, [2001:db8::1]:443");
        assert_eq!(of("X-Forwarded-For", &[invented, added]), "2001:db8::1");
        assert_eq!(of("x-forwarded-for: 2", &[invented, added]), "192.0.2.1");
        assert_eq!(of("X-Forwarded-For:5", &[invented, added]), "10.0.0.1");
    }

    #[test]
    fn no_client_hides_what_the_proxy_adds() {
        let of = |setting: &str, value: &[u8]| {
            let setting: ClientAddress = setting.parse().expect("a header");
            let name = HeaderName::from_static("x-forwarded-for");
            let value = HeaderValue::from_bytes(value).expect("a value");
            let headers = HeaderMap::from_iter([(name, value)]);
            let peer = IpAddr::from([127, 0, 0, 1]);
            let network = setting.network(&headers, Some(peer));
            network.map(|network| format!("{network:?}"))
        };
        for invented in [&b"\xff"[..], b"\xff, \xff", b"\xe2\x82\xac\t", b",,", b""] {
            let line = [invented, b", 192.0.2.1"].concat();
            assert_eq!(of("X-Forwarded-For", &line).as_deref(), Some("192.0.2.1"), "{line:?}");
        }
        // Where the proxy adds nothing, all who write nonsense share one share.
        for nonsense in [&b"\xff"[..], b"somebody", b""] {
            for setting in ["X-Forwarded-For", "X-Forwarded-For:2"] {
                assert_eq!(of(setting, nonsense).as_deref(), Some("127.0.0.1"), "{nonsense:?}");
            }
        }
    }

    #[test]
    fn who_speaks_for_many_has_no_share() {
        let network = |setting: &str, peer: &str, headers: &[(&'static str, &'static str)]| {
            let setting: ClientAddress = setting.parse().expect("a header");
            let setting = if headers.is_empty() { setting } else { ClientAddress::Peer };
            let headers = headers.iter().map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            });
            let peer = Some(peer.parse().expect("an address"));
            setting.network(&headers.collect(), peer).map(|network| format!("{network:?}"))
        };
        let forwarded = [("x-forwarded-for", "192.0.2.1")];
        assert_eq!(network("x", "192.0.2.1", &[]).as_deref(), Some("192.0.2.1"));
        assert_eq!(network("x", "10.0.0.1", &[]).as_deref(), Some("10.0.0.1"));
        assert_eq!(network("x", "::ffff:10.0.0.1", &[]).as_deref(), Some("10.0.0.1"));
        assert_eq!(network("x", "2001:db8::1:2", &[]).as_deref(), Some("2001:db8::/64"));
        for many in ["127.0.0.1", "::1"] {
            assert_eq!(network("x", many, &[]), None, "{many}");
        }
        for proxy in ["10.0.0.1", "fdaa::3", "192.168.1.1", "169.254.0.1"] {
            assert_eq!(network("x", proxy, &forwarded), None, "{proxy}");
        }
        // Whoever invents the header gains nothing by it.
        assert_eq!(network("x", "192.0.2.9", &forwarded).as_deref(), Some("192.0.2.9"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "X Forwarded", "Fly-Client-IP:2", "X-Forwarded-For:0", "Forwarded", "a:b"]
        {
            let error = text.parse::<ClientAddress>().expect_err(text).to_string();
            assert!(error.contains("Fly-Client-IP"), "{error}");
        }
    }
}
