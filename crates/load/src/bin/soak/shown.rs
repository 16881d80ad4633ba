//! What frames say of the desk.

/// What the page's script is told to keep.
const SNAPSHOT: &str = "live_view:snapshot";

/// What the desk shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) number: u64,
    pub(crate) text: String,
    pub(crate) page: u32,
    pub(crate) stored: i64,
    /// Ref of its upload.
    pub(crate) upload: String,
}

impl Shown {
    /// As a frame brings it, in a text or in a page.
    pub(crate) fn of(frame: &str) -> Option<Self> {
        let (_, after) = frame.rsplit_once("desk:")?;
        let mut fields = after.split_once(';')?.0.split(',');
        let mut next = || fields.next();
        Some(Self {
            number: next()?.parse().ok()?,
            text: next()?.to_owned(),
            page: next()?.parse().ok()?,
            stored: next()?.parse().ok()?,
            upload: next()?.to_owned(),
        })
    }
}

/// The snapshot that a frame brings, if it does; within it `None` when there is nothing to keep.
pub(crate) fn snapshot(frame: &str) -> Option<Option<String>> {
    let (_, after) = frame.rsplit_once(SNAPSHOT)?;
    let (_, kept) = after.split_once(r#""kept":"#)?;
    let sealed = kept.strip_prefix('"').and_then(|sealed| sealed.split('"').next());
    Some(sealed.map(str::to_owned))
}
