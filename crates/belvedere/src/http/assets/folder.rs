//! The files of a folder as assets, read when the program starts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use axum::Router;

use super::Asset;

/// Most files of one folder: they are kept in memory, and each is a route.
const MAX_FILES: usize = 1_000;

/// Most bytes of them together; films and downloads are a file server's.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The files of a folder and those below it, each an [`Asset`] under a name that changes with its
/// content. Read once, when the program starts, and kept until it ends: a changed file needs a restart
/// and no build. The folder has to be where the program runs; [`Asset::embedded`] has its file along.
///
/// ```
/// use axum::Router;
/// use belvedere::http::assets::AssetFolder;
///
/// # let folder = std::env::temp_dir().join(format!("belvedere-assets-{}", std::process::id()));
/// # std::fs::create_dir_all(folder.join("icons"))?;
/// # std::fs::write(folder.join("icons/saw.svg"), "<svg/>")?;
/// let assets = AssetFolder::read("/static", &folder)?;
/// let saw = assets.get("icons/saw.svg")?;
/// assert!(saw.path.starts_with("/static/icons/saw-") && saw.path.ends_with(".svg"));
/// let app: Router = assets.route(Router::new());
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct AssetFolder {
    folder: PathBuf,
    /// By their path within the folder.
    assets: BTreeMap<String, &'static Asset>,
}

/// Why a folder's files cannot be served, or one of them not be found.
#[derive(Debug, thiserror::Error)]
pub enum AssetFolderError {
    /// The folder, or a file in it, cannot be read.
    #[error("the assets in `{}` cannot be read, seen from `{}`", path.display(), here())]
    Unread {
        /// What was to be read.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// More than is kept in memory.
    #[error(
        "`{}` has more than {MAX_FILES} files or {MAX_BYTES} bytes: let a file server have them",
        folder.display()
    )]
    TooMuch {
        /// The folder.
        folder: PathBuf,
    },
    /// A name that no URL has as it stands.
    #[error(
        "`{}` is no name of an asset: write it in letters of ASCII, digits, `.`, `-` and `_`",
        path.display()
    )]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// There is no such file.
    #[error("there is no asset `{name}` in `{}`; there are: {}", folder.display(), others.join(", "))]
    Missing {
        /// What was asked for.
        name: String,
        /// The folder.
        folder: PathBuf,
        /// What there is of the same kind, at most ten.
        others: Vec<String>,
    },
}

fn here() -> String {
    std::env::current_dir().unwrap_or_default().display().to_string()
}

impl AssetFolder {
    /// Reads the files of `folder`, to be served below the path `at`, such as `/static`.
    ///
    /// # Errors
    ///
    /// [`AssetFolderError`] for a folder that is not there, is too large, or has names that are none.
    pub fn read(at: &str, folder: impl AsRef<Path>) -> Result<Self, AssetFolderError> {
        let folder = folder.as_ref().to_owned();
        let (mut assets, mut bytes) = (BTreeMap::new(), 0);
        let mut folders = vec![folder.clone()];
        while let Some(next) = folders.pop() {
            let unread = |source| AssetFolderError::Unread { path: next.clone(), source };
            for entry in fs::read_dir(&next).map_err(unread)? {
                let path = entry.map_err(unread)?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let Some(name) = name_of(&folder, &path) else {
                    return Err(AssetFolderError::Name { path });
                };
                let file = fs::read(&path);
                let file = file.map_err(|source| AssetFolderError::Unread { path, source })?;
                bytes += file.len();
                if bytes > MAX_BYTES || assets.len() == MAX_FILES {
                    return Err(AssetFolderError::TooMuch { folder });
                }
                let url = format!("{}/{name}", at.trim_end_matches('/'));
                let asset: &'static Asset = Box::leak(Box::new(Asset::embedded(&url, file.leak())));
                assets.insert(name, asset);
            }
        }
        Ok(Self { folder, assets })
    }

    /// The file of this path within the folder, such as `icons/saw.svg`.
    ///
    /// # Errors
    ///
    /// [`AssetFolderError::Missing`].
    pub fn get(&self, name: &str) -> Result<&'static Asset, AssetFolderError> {
        self.assets.get(name).copied().ok_or_else(|| {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            let others = self.assets.keys().filter(|other| other.ends_with(ending));
            let others = others.take(10).cloned().collect();
            let (name, folder) = (name.to_owned(), self.folder.clone());
            AssetFolderError::Missing { name, folder, others }
        })
    }

    /// Adds the files' routes to `router`.
    pub fn route<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        self.assets.values().fold(router, |router, asset| asset.route(router))
    }
}

/// A file's path within the folder, as URLs have it.
fn name_of(folder: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(folder).ok()?.iter().map(|part| part.to_str());
    let name = parts.collect::<Option<Vec<_>>>()?.join("/");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte);
    name.bytes().all(is_plain).then_some(name)
}
