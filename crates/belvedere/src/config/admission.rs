//! What visitors may take of a server: all of them together, and the clients of one address.

/// A bound on what is taken in all, and from the address of one client.
///
/// An address is the other end of a connection, or whom a proxy names
/// ([`LiveConfig::client_address`](crate::LiveConfig::client_address)); of IPv6 it is the network of 64
/// bits. What comes from who speaks for many, as a proxy that was not told of, counts in all alone
/// ([`ClientAddress::network`](crate::http::ClientAddress::network)).
///
/// Ten addresses at their bound leave others what is beyond ten times [`per_address`](Self::per_address).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressLimit {
    /// In the whole process.
    pub total: usize,
    /// Of one address, behind which there may be a school or a company.
    pub per_address: usize,
}

/// Bounds on what visitors may take, each in all and for one address; those on held views are
/// [`HoldLimits`](crate::HoldLimits).
///
/// At the bound of an address its newcomers are refused with 429, at that of all with 503. Both carry
/// `Retry-After`, are counted by reason, and are told in the log once a minute at most. A page's script
/// tries again by itself, later each time, and not when all others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Sockets open at once, of which a browser has one for each tab. Default: 50,000 in all, 500 of one
    /// address.
    pub sockets: AddressLimit,
    /// Those of them that are sessions of long polling. Further ones are refused with 429, or 503 where
    /// it is all of them that are too many. A session that is not polled for 15 s ends; what waits for it
    /// takes 64 KiB and a frame at most, and as much is kept until its browser has confirmed it. Default:
    /// 5,000 in all, 250 of one address.
    pub polls: AddressLimit,
    /// Joins in a second; a page joins once, and once for each view that is nested in it or stands in its
    /// layout. As many as in one second may come at once; those beyond wait for their turn, at most
    /// 5 s, half of what the browser waits for its answer. A join that would wait longer is refused, and
    /// its page is loaded anew after five to ten seconds; but while half of that is taken new sockets are
    /// refused first. Default: 1,000 in all, 50 of one address.
    pub joins_per_second: AddressLimit,
    /// Views joined at once, those nested in others and in layouts too. A further one is refused: its page
    /// says so as of any failed join, and is loaded anew after some seconds. Default: 200,000 in all, 2,000
    /// of one address.
    pub views: AddressLimit,
    /// Bytes of what people have typed that views may keep: of each view the longest message of each of its
    /// events, where that is 4 KiB or more, until the view ends. An event for which there is no room is
    /// refused ([`ValueError::NoRoom`](crate::event::ValueError::NoRoom)); shorter ones go on. What a view
    /// makes of many short events is for its author to bound. Default: 512 MiB in all, 25 MiB of one
    /// address.
    pub kept_bytes: AddressLimit,
    /// Bytes of frames that wait for views or are being handled, beside the bound of each socket
    /// ([`LiveConfig::max_waiting_bytes`](crate::LiveConfig::max_waiting_bytes)). At the bound a socket is
    /// read one frame at a time. Default: 256 MiB in all, 12 MiB of one address.
    pub waiting_bytes: AddressLimit,
}

impl Default for AdmissionLimits {
    fn default() -> Self {
        Self {
            sockets: AddressLimit { total: 50_000, per_address: 500 },
            polls: AddressLimit { total: 5_000, per_address: 250 },
            joins_per_second: AddressLimit { total: 1_000, per_address: 50 },
            views: AddressLimit { total: 200_000, per_address: 2_000 },
            kept_bytes: AddressLimit { total: 512 << 20, per_address: 25 << 20 },
            waiting_bytes: AddressLimit { total: 256 << 20, per_address: 12 << 20 },
        }
    }
}

/// A bound on views kept without a browser.
///
/// Of two addresses the one whose views take more bytes gives up its oldest first, so that strangers who
/// ask for many pages push out each other's, and not that of who asked for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldLimits {
    /// In the whole process. Default: 10,000.
    pub total: usize,
    /// For each session, so that one visitor cannot push out all others. Default: 50.
    pub per_session: usize,
    /// For each client's address ([`AddressLimit`]). Default: 500.
    pub per_address: usize,
    /// What they take, as far as it can be told: a view itself, and the HTML that it was shown as, which
    /// is mostly the measure of what its state points to. Default: 256 MiB in all, 12 MiB of one address.
    pub bytes: AddressLimit,
}

impl Default for HoldLimits {
    fn default() -> Self {
        Self {
            total: 10_000,
            per_session: 50,
            per_address: 500,
            bytes: AddressLimit { total: 256 << 20, per_address: 12 << 20 },
        }
    }
}
