//! An upload as the runtime knows it, whatever its files become; and which uploads a page shows.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use super::entry::UploadEntry;
use super::state::{Asked, Refs};
use super::transfer::{Granting, Held, Transfer};
use super::writer::Left;
use super::{Shared, Source, UploadError, UploadOptions};
use crate::wire::message::{ClientFile, Reported};

/// What signing for another server comes to: what the page's script is given, as JSON.
pub(crate) type Signing<'a> =
    Pin<Box<dyn Future<Output = Result<String, UploadError>> + Send + 'a>>;

/// An upload of any type.
pub(crate) trait Slot: Send + Sync {
    fn reference(&self) -> &str;
    fn name(&self) -> &'static str;
    fn options(&self) -> &UploadOptions;
    fn refs(&self, which: Refs) -> String;
    /// The component whose form it is, if it is one's.
    fn component(&self) -> Option<u64>;
    /// The browser says which files are chosen, in the form of this component.
    fn announce(&self, files: Vec<ClientFile>, component: Option<u64>);
    /// The browser asks to send these.
    fn ask(&self, asked: &[u64]) -> Asked;
    /// How many files are sent here now.
    fn n_coming(&self) -> usize;
    /// Lets an entry be sent here.
    fn grant(&self, entry: &UploadEntry, granting: Granting) -> Option<Arc<Transfer>>;
    /// Lets an entry be sent elsewhere; `None` of one that is sent here.
    fn sign(&self, entry: UploadEntry) -> Option<Signing<'_>>;
    /// An entry may not be sent, or not be taken: what has come of it is gone.
    fn refuse(&self, entry: u64, error: UploadError);
    /// The browser does not send what it was just let.
    fn ungrant(&self, entry: u64);
    /// The browser says how far an entry has come.
    fn progress(&self, entry: u64, reported: Reported);
    /// Entries that have come to their end since the last time.
    fn take_ended(&self) -> Vec<UploadEntry>;
    /// The browser has lost its files.
    fn forget_entries(&self);
}

impl<T: Send + 'static> Slot for Shared<T> {
    fn reference(&self) -> &str {
        &self.reference
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn options(&self) -> &UploadOptions {
        &self.options
    }

    fn refs(&self, which: Refs) -> String {
        let state = self.lock();
        let mut refs = state.refs(which);
        if matches!(which, Refs::Failed) && state.error(&self.options).is_some() {
            refs.push_str(if refs.is_empty() { "" } else { "," });
            refs.push_str(&self.reference);
        }
        refs
    }

    fn component(&self) -> Option<u64> {
        self.lock().component
    }

    fn announce(&self, files: Vec<ClientFile>, component: Option<u64>) {
        let mut state = self.lock();
        state.component = component;
        let check = |entry: &UploadEntry| self.check.as_ref().map_or(Ok(()), |check| check(entry));
        state.announce(&self.reference, &self.options, files, check);
    }

    fn ask(&self, asked: &[u64]) -> Asked {
        self.lock().ask(&self.reference, &self.options, asked)
    }

    fn n_coming(&self) -> usize {
        self.lock().n_coming()
    }

    fn grant(&self, entry: &UploadEntry, granting: Granting) -> Option<Arc<Transfer>> {
        let Source::Here(factory) = &self.source else { return None };
        let left = Left::default();
        let (factory, into) = (Arc::clone(factory), Arc::clone(&left));
        let opener = Box::new(move |opening: super::writer::Opening<'_>| factory(opening, into));
        let (about, options) = (Arc::clone(&entry.about), Arc::clone(&self.options));
        let transfer = Transfer::new(granting, about, options, opener);
        self.lock().grant(entry.id().0, Held(Arc::clone(&transfer)), left);
        Some(transfer)
    }

    fn sign(&self, entry: UploadEntry) -> Option<Signing<'_>> {
        let Source::Elsewhere(sign) = &self.source else { return None };
        Some(Box::pin(async move {
            let id = entry.id().0;
            let signed = sign(entry).await.map_err(UploadError::of_callback);
            let mut state = self.lock();
            match signed {
                Ok((json, left)) => {
                    state.send_elsewhere(id, left);
                    Ok(json)
                }
                Err(error) => {
                    state.refuse(id, error.clone());
                    Err(error)
                }
            }
        }))
    }

    fn refuse(&self, entry: u64, error: UploadError) {
        self.lock().refuse(entry, error);
    }

    fn ungrant(&self, entry: u64) {
        self.lock().ungrant(entry);
    }

    fn progress(&self, entry: u64, reported: Reported) {
        self.lock().progress(entry, reported);
    }

    fn take_ended(&self) -> Vec<UploadEntry> {
        self.lock().take_ended()
    }

    fn forget_entries(&self) {
        self.lock().forget_entries();
    }
}

thread_local! {
    /// Of the render under way, if anybody asked.
    static SHOWN: RefCell<Option<Vec<Weak<dyn Slot>>>> = const { RefCell::new(None) };
}

/// Notes that the input of an upload stands in the page.
pub(super) fn note(slot: &Arc<dyn Slot>) {
    SHOWN.with_borrow_mut(|shown| {
        if let Some(shown) = shown {
            shown.push(Arc::downgrade(slot));
        }
    });
}

/// A render under way; holds what was noted around it, which is back after it, also after a panic.
struct Showing(Option<Vec<Weak<dyn Slot>>>);

impl Showing {
    /// What it has shown.
    fn end(self) -> Vec<Weak<dyn Slot>> {
        SHOWN.take().unwrap_or_default()
    }
}

impl Drop for Showing {
    fn drop(&mut self) {
        SHOWN.set(self.0.take());
    }
}

/// The uploads whose inputs a view has shown, and that it has not dropped since.
#[derive(Default)]
pub(crate) struct ShownUploads(Vec<Weak<dyn Slot>>);

impl ShownUploads {
    /// Runs `render`, and notes the uploads whose inputs it shows.
    pub(crate) fn during<R>(&mut self, render: impl FnOnce() -> R) -> R {
        let showing = Showing(SHOWN.replace(Some(Vec::new())));
        let rendered = render();
        for slot in showing.end().iter().filter_map(Weak::upgrade) {
            if self.find(slot.reference()).is_none() {
                self.0.retain(|other| other.strong_count() > 0);
                self.0.push(Arc::downgrade(&slot));
            }
        }
        rendered
    }

    pub(crate) fn find(&self, reference: &str) -> Option<Arc<dyn Slot>> {
        self.all().find(|slot| slot.reference() == reference)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<dyn Slot>> {
        self.0.iter().filter_map(Weak::upgrade)
    }

    /// The browser has lost its files, with its connection.
    pub(crate) fn forget_entries(&self) {
        self.all().for_each(|slot| slot.forget_entries());
    }
}
