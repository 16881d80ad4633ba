//! The secret everything is signed with, and the keys derived from it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::XChaCha20Poly1305;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::Rng as _;
use sha2::Sha256;

use super::{SecretError, TokenError};

/// Shortest secret accepted, in bytes: a key of the hash's own size.
pub const MIN_SECRET_BYTES: usize = 32;

/// Random bytes of a generated secret; 64 characters as text.
const GENERATED_BYTES: usize = 48;

/// Label under which all keys are derived; a new one makes every earlier token worthless.
const DERIVATION_LABEL: &str = "belvedere/token/1/";

/// Label before an application's own purposes; none of the runtime's begins so.
const APPLICATION_LABEL: &str = "belvedere/application/1/";

/// The one secret of an installation (`SECRET_KEY_BASE`), shared by its nodes.
///
/// Two applications need two secrets: a session of one would be a session of the other, with all that
/// it says of its visitor. Two runtimes of one application, at two base paths, may share theirs; neither
/// believes the other's sessions.
///
/// At least [`MIN_SECRET_BYTES`] long; never shown by `Debug`.
#[derive(Clone)]
pub struct SecretKeyBase {
    secret: Box<[u8]>,
    accepted: Vec<Self>,
}

impl SecretKeyBase {
    /// Takes a secret as it stands, as bytes of its text.
    ///
    /// # Errors
    /// [`SecretError::TooShort`] below [`MIN_SECRET_BYTES`].
    pub fn new(secret: &str) -> Result<Self, SecretError> {
        match secret.len() {
            n_bytes if n_bytes < MIN_SECRET_BYTES => Err(SecretError::TooShort { n_bytes }),
            _ => Ok(Self::of(secret.as_bytes().into())),
        }
    }

    /// A secret of this process alone, for examples and tests: every page and session ends with
    /// the process.
    #[must_use]
    pub fn random() -> Self {
        Self::of(Self::generate().into_bytes().into())
    }

    fn of(secret: Box<[u8]>) -> Self {
        Self { secret, accepted: Vec::new() }
    }

    /// Believes what `other` has signed as well; what is signed from now on is signed with this one.
    ///
    /// So a secret is changed without signing anybody out: the server that starts with the new one
    /// accepts the earlier one, until the last cookie that it signed has been replaced or has expired
    /// (`session_lifetime`). A cookie is replaced when its browser next loads a page. Where several
    /// servers run, each must accept the new secret before the first signs with it.
    ///
    /// ```
    /// # use belvedere::SecretKeyBase;
    /// # let [earlier, new] = [SecretKeyBase::generate(), SecretKeyBase::generate()];
    /// let secret = SecretKeyBase::new(&new)?.accepting(SecretKeyBase::new(&earlier)?);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn accepting(mut self, mut other: Self) -> Self {
        let theirs = std::mem::take(&mut other.accepted);
        self.accepted.push(other);
        self.accepted.extend(theirs);
        self
    }

    /// The secrets that are believed beside this one, for keys of the application's own: what
    /// [`derive_key`](Self::derive_key) of this one does not open, that of one of these may.
    pub fn accepted(&self) -> impl Iterator<Item = &Self> {
        self.accepted.iter()
    }

    /// A key of the application's own, for one purpose, such as signing a cookie: 32 bytes that say
    /// nothing about the secret or about any other key.
    ///
    /// # Panics
    /// Never: the length is one the algorithm accepts.
    ///
    /// ```
    /// # let secret = belvedere::SecretKeyBase::random();
    /// assert_eq!(secret.derive_key("login"), secret.derive_key("login"));
    /// assert_ne!(secret.derive_key("login"), secret.derive_key("download links"));
    /// ```
    #[must_use]
    pub fn derive_key(&self, purpose: &str) -> [u8; 32] {
        let label = [APPLICATION_LABEL.as_bytes(), purpose.as_bytes()];
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, &self.secret)
            .expand_multi_info(&label, &mut key)
            .expect("32 bytes are fewer than HKDF-SHA256 can expand to");
        key
    }

    /// A new random secret as text: 64 characters of base64url, to be kept by the operator.
    #[must_use]
    pub fn generate() -> String {
        let mut bytes = [0; GENERATED_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl fmt::Debug for SecretKeyBase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKeyBase(redacted)")
    }
}

/// Last part of the derivation label of the key that snapshots are encrypted with.
const SNAPSHOT: &str = "snapshot";

/// What a key that signs is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    SessionCookie,
    Page,
    NestedView,
    LayoutView,
    Static,
    Csrf,
    Flash,
    ReloadStatus,
    Upload,
    Poll,
    Bus,
    SnapshotKey,
}

impl Purpose {
    /// Every purpose, in the order of the discriminants, which index [`KeySet::macs`].
    const ALL: [Self; 12] = [
        Self::SessionCookie,
        Self::Page,
        Self::NestedView,
        Self::LayoutView,
        Self::Static,
        Self::Csrf,
        Self::Flash,
        Self::ReloadStatus,
        Self::Upload,
        Self::Poll,
        Self::Bus,
        Self::SnapshotKey,
    ];

    /// Last part of the derivation label. Never reused for another purpose.
    const fn label(self) -> &'static str {
        match self {
            Self::SessionCookie => "session-cookie",
            Self::Page => "page",
            Self::NestedView => "nested-view",
            Self::LayoutView => "layout-view",
            Self::Static => "static",
            Self::Csrf => "csrf",
            Self::Flash => "flash",
            Self::ReloadStatus => "reload-status",
            Self::Upload => "upload",
            Self::Poll => "poll",
            Self::Bus => "bus",
            Self::SnapshotKey => "snapshot-key",
        }
    }
}

/// One key per purpose, derived from a [`SecretKeyBase`] with HKDF-SHA256, and the same for each secret
/// that is believed beside it.
///
/// Made once at start and shared; a key is kept as the state of a MAC that has absorbed it, so
/// signing does not repeat that work.
#[derive(Clone)]
pub struct Keys {
    /// Of the secret that signs and encrypts.
    own: KeySet,
    /// Of those that are believed beside it.
    accepted: Box<[KeySet]>,
}

/// The keys of one secret.
#[derive(Clone)]
struct KeySet {
    /// By purpose.
    macs: [Hmac<Sha256>; Purpose::ALL.len()],
    /// Encrypts snapshots.
    snapshots: XChaCha20Poly1305,
}

/// Which secret a signature is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedWith {
    /// The one that signs today.
    TheSecret,
    /// One that is believed, and signs no more or not yet.
    Another,
}

impl Keys {
    /// Derives every key. The same secret yields the same keys on every node, for the application at
    /// this base path, which is empty at the root: browsers send the cookies of the root along to all
    /// others.
    #[must_use]
    pub fn derive(secret: &SecretKeyBase, base_path: &str) -> Self {
        let accepted = secret.accepted().map(|other| KeySet::derive(other, base_path)).collect();
        Self { own: KeySet::derive(secret, base_path), accepted }
    }

    /// A MAC under the key of one purpose, to sign with.
    pub(super) fn mac(&self, purpose: Purpose) -> Hmac<Sha256> {
        self.own.mac(purpose)
    }

    /// What encrypts snapshots.
    pub(super) const fn snapshot_cipher(&self) -> &XChaCha20Poly1305 {
        &self.own.snapshots
    }

    /// The same, and what may have done so on another server.
    pub(super) fn snapshot_ciphers(&self) -> impl Iterator<Item = &XChaCha20Poly1305> {
        let accepted = self.accepted.iter().map(|keys| &keys.snapshots);
        [self.snapshot_cipher()].into_iter().chain(accepted)
    }

    /// Whether `tag` is the truncated MAC of these parts, one after the other, under a key of this purpose.
    pub(super) fn verify(
        &self,
        purpose: Purpose,
        parts: &[&[u8]],
        tag: &[u8],
    ) -> Result<SignedWith, TokenError> {
        let is_of = |keys: &KeySet| {
            let mut mac = keys.mac(purpose);
            parts.iter().for_each(|part| mac.update(part));
            mac.verify_truncated_left(tag).is_ok()
        };
        if is_of(&self.own) {
            return Ok(SignedWith::TheSecret);
        }
        let is_accepted = self.accepted.iter().any(is_of);
        is_accepted.then_some(SignedWith::Another).ok_or(TokenError::Signature)
    }
}

impl KeySet {
    fn derive(secret: &SecretKeyBase, base_path: &str) -> Self {
        let derivation = Hkdf::<Sha256>::new(None, &secret.secret);
        let key = |purpose: &str| {
            // No purpose has a slash, with which a base path begins.
            let label = [DERIVATION_LABEL, purpose, base_path].map(str::as_bytes);
            let mut bytes = [0_u8; 32];
            derivation
                .expand_multi_info(&label, &mut bytes)
                .expect("32 bytes are fewer than HKDF-SHA256 can expand to");
            bytes
        };
        let mac = |purpose: Purpose| {
            Hmac::<Sha256>::new_from_slice(&key(purpose.label()))
                .expect("HMAC takes a key of any length")
        };
        let snapshots = XChaCha20Poly1305::new(&key(SNAPSHOT).into());
        Self { macs: Purpose::ALL.map(mac), snapshots }
    }

    fn mac(&self, purpose: Purpose) -> Hmac<Sha256> {
        self.macs[purpose as usize].clone()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(redacted)")
    }
}
