//! The page on object stores: its files, with a store that is watched.
#![expect(unreachable_pub, reason = "they are written for their readers")]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::Router;
use belvedere::testing::{TestApp, TestFile, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, SecretKeyBase};
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use tokio::sync::Semaphore;

include!(concat!(env!("OUT_DIR"), "/object_store.rs"));

/// Bytes of a part that the writer sends on.
const PART: usize = 5 * 1024 * 1024;

/// A store in memory, and what it is asked.
#[derive(Debug)]
struct Watched {
    inner: InMemory,
    seen: Arc<Seen>,
}

#[derive(Debug)]
struct Seen {
    /// How many parts may be taken.
    gate: Semaphore,
    n_parts: AtomicUsize,
    n_aborted: AtomicUsize,
}

#[derive(Debug)]
struct WatchedUpload {
    inner: Box<dyn MultipartUpload>,
    seen: Arc<Seen>,
}

#[async_trait]
impl MultipartUpload for WatchedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.seen.n_parts.fetch_add(1, Ordering::Relaxed);
        let (seen, put) = (Arc::clone(&self.seen), self.inner.put_part(data));
        Box::pin(async move {
            seen.gate.acquire().await.expect("it is never closed").forget();
            put.await
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.seen.n_aborted.fetch_add(1, Ordering::Relaxed);
        self.inner.abort().await
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(formatter)
    }
}

#[async_trait]
impl ObjectStore for Watched {
    async fn put_opts(&self, path: &Path, data: PutPayload, how: PutOptions) -> Result<PutResult> {
        self.inner.put_opts(path, data, how).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        how: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let inner = self.inner.put_multipart_opts(path, how).await?;
        Ok(Box::new(WatchedUpload { inner, seen: Arc::clone(&self.seen) }))
    }

    async fn get_opts(&self, path: &Path, how: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(path, how).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, how: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, how).await
    }
}

struct Place {
    store: Arc<dyn ObjectStore>,
    seen: Arc<Seen>,
    view: TestView,
}

impl Place {
    /// A page whose store takes so many parts.
    async fn new(n_parts: usize) -> Self {
        let (gate, n_parts, n_aborted) =
            (Semaphore::new(n_parts), AtomicUsize::default(), AtomicUsize::default());
        let seen = Arc::new(Seen { gate, n_parts, n_aborted });
        let store = Watched { inner: InMemory::new(), seen: Arc::clone(&seen) };
        let store: Arc<dyn ObjectStore> = Arc::new(store);
        let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
        let router = Router::new().live::<photos::Photos>("/").with_state(Arc::clone(&store));
        let app = TestApp::new(&live, live.clone().serve(router));
        Self { store, seen, view: app.get("/").await.join().await }
    }

    async fn choose(&mut self, file: TestFile) {
        self.view.form("#photos").choose_files("Photos", [file]).await;
    }

    /// How many files the store has.
    async fn n_stored(&self) -> usize {
        let listed = self.store.list_with_delimiter(Some(&Path::from("photos"))).await;
        listed.expect("it is in memory").objects.len()
    }

    /// Returns once it is so; what is dropped is cleared away by tasks of its own.
    async fn until(&self, is_so: impl AsyncFn(&Self) -> bool) {
        for _ in 0..1000 {
            if is_so(self).await {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("{:?}", self.seen);
    }
}

fn photo(n_bytes: usize) -> TestFile {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    TestFile::new("photo.png", [png.as_slice(), &vec![b'x'; n_bytes - png.len()]].concat())
}

#[tokio::test]
async fn a_file_goes_to_the_store_in_parts_and_stays_if_it_is_kept() {
    let mut place = Place::new(9).await;
    let n_bytes = 2 * PART + 1000;
    place.choose(photo(n_bytes)).await;
    assert_eq!(place.seen.n_parts.load(Ordering::Relaxed), 3);
    place.view.form("#photos").press("Save").await;
    let path = Path::from(place.view.text("li"));
    let stored = place.store.get(&path).await.expect("it is there").bytes().await.expect("bytes");
    assert!(stored.len() == n_bytes && stored.ends_with(b"xxx"));
    assert_eq!((place.n_stored().await, place.seen.n_aborted.load(Ordering::Relaxed)), (1, 0));
}

#[tokio::test]
async fn a_file_that_is_cancelled_leaves_nothing_in_the_store() {
    let mut place = Place::new(9).await;
    // On its way, with one part of two in the store.
    place.choose(photo(2 * PART).stalling_after(30)).await;
    assert!(place.seen.n_parts.load(Ordering::Relaxed) > 0);
    place.view.click("p button").await;
    place.until(async |place| place.seen.n_aborted.load(Ordering::Relaxed) == 1).await;
    // Arrived.
    place.choose(photo(1000)).await;
    assert_eq!(place.n_stored().await, 1);
    place.view.click("p button").await;
    place.until(async |place| place.n_stored().await == 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_takes_nothing_is_given_no_more() {
    let mut place = Place::new(0).await;
    place.choose(photo(6 * PART)).await;
    assert_eq!(place.seen.n_parts.load(Ordering::Relaxed), 2, "which are in memory");
    let shown = place.view.text("p");
    assert!(shown.ends_with("The file could not be stored.Remove"), "{shown}");
    let percent: usize = shown["photo.png ".len()..].split('%').next().unwrap().parse().unwrap();
    assert!((100 / 6..=300 / 6).contains(&percent), "{shown}");
    place.until(async |place| place.seen.n_aborted.load(Ordering::Relaxed) == 1).await;
}
