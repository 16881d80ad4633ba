//! Shares of long work: how many pieces of it there are at a time, and that nobody has two of them.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use belvedere::SessionId;
use belvedere::http::{ClientAddress, ClientNetwork, SessionRejection, Visitor};
use http::request::Parts;

/// Whose share a request takes: that of its address or, where that would be the share of many
/// ([`ClientAddress::network`]), of its session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whose {
    /// An address.
    Network(ClientNetwork),
    /// A session.
    Session(SessionId),
}

impl<S: Sync> FromRequestParts<S> for Whose
where
    ClientAddress: FromRef<S>,
{
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionRejection> {
        let peer = parts.extensions.get().map(|ConnectInfo::<SocketAddr>(peer)| peer.ip());
        match ClientAddress::from_ref(state).network(&parts.headers, peer) {
            Some(network) => Ok(Self::Network(network)),
            None => {
                let visitor = Visitor::from_request_parts(parts, state).await?;
                Ok(Self::Session(visitor.session()))
            }
        }
    }
}

/// The shares of one kind of work. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shares(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max: usize,
    taken: Mutex<HashSet<Whose>>,
}

/// A share that was taken, until this is dropped.
#[derive(Debug)]
pub struct Share {
    of: Shares,
    whose: Whose,
}

/// Why there is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoShare {
    /// They have one already.
    Own,
    /// Others have all of them.
    All,
}

impl Shares {
    /// So many.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self(Arc::new(Inner { max, taken: Mutex::default() }))
    }

    /// Takes one.
    ///
    /// # Errors
    ///
    /// [`NoShare`]; nobody waits here.
    pub fn take(&self, whose: Whose) -> Result<Share, NoShare> {
        let mut taken = self.taken();
        if taken.contains(&whose) {
            return Err(NoShare::Own);
        }
        if taken.len() >= self.0.max {
            return Err(NoShare::All);
        }
        taken.insert(whose.clone());
        drop(taken);
        Ok(Share { of: self.clone(), whose })
    }

    fn taken(&self) -> MutexGuard<'_, HashSet<Whose>> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.taken().remove(&self.whose);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_shares_and_nobody_has_two() {
        let shares = Shares::new(2);
        let of = |last: u8| Whose::Network(ClientNetwork::of([192, 0, 2, last].into()));
        let first = shares.take(of(1)).expect("a share");
        assert_eq!(shares.take(of(1)).expect_err("they have one"), NoShare::Own);
        let _second = shares.take(of(2)).expect("a share");
        assert_eq!(shares.take(of(3)).expect_err("there are two"), NoShare::All);
        drop(first);
        shares.take(of(3)).expect("a share");
    }
}
