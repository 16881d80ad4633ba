//! Finds the two npm packages of the browser client: in `LIVE_VIEW_CLIENT_DIR`, packed with this
//! crate, or through npm.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The packages, and the minified bundle inside each.
pub(crate) const PACKAGES: [(&str, &str); 2] = [
    ("phoenix", "priv/static/phoenix.min.js"),
    ("phoenix_live_view", "priv/static/phoenix_live_view.min.js"),
];

/// Where the packages are in the published crate, below `client`.
const PACKED: &str = "packages";

/// Why there is no browser client to embed. Each is one sentence that says what to do.
#[derive(Debug)]
pub(crate) enum ClientError {
    /// No program called `npm` on the path.
    NpmMissing,
    /// npm could not be started for another reason.
    NpmUnstartable(io::Error),
    /// npm ran and failed; its own words.
    NpmFailed(String),
    /// The given folder does not hold the package, or not all of it.
    Incomplete { file: PathBuf, source: io::Error },
    /// The folder holds another version than the one `package.json` pins.
    WrongVersion { package: &'static str, found: String, wanted: String, folder: PathBuf },
    /// A file of the build could not be read or written.
    File { file: PathBuf, source: io::Error },
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NpmMissing => f.write_str(
                "the browser client is fetched with npm, which was not found: install Node.js \
                 (https://nodejs.org, or `apt install npm`), or set LIVE_VIEW_CLIENT_DIR to a \
                 folder that holds the npm packages phoenix and phoenix_live_view",
            ),
            Self::NpmUnstartable(error) => write!(f, "npm could not be started: {error}"),
            Self::NpmFailed(_) => f.write_str(
                "npm could not fetch the browser client (its own message is above): check the \
                 network and npm's registry setting, or set LIVE_VIEW_CLIENT_DIR to a folder \
                 that holds the npm packages phoenix and phoenix_live_view",
            ),
            Self::Incomplete { file, source } => write!(
                f,
                "LIVE_VIEW_CLIENT_DIR must name a folder that holds the npm packages phoenix \
                 and phoenix_live_view, but {} cannot be read: {source}",
                std::path::absolute(file).as_ref().unwrap_or(file).display()
            ),
            Self::WrongVersion { package, found, wanted, folder } => write!(
                f,
                "this version of belvedere needs {package} {wanted}, but {} has {found}: install the \
                 versions of crates/belvedere/client/package.json there",
                folder.display()
            ),
            Self::File { file, source } => write!(f, "{}: {source}", file.display()),
        }
    }
}

/// Returns a folder that holds both packages in the versions pinned by `client/package.json`.
///
/// `given` is `LIVE_VIEW_CLIENT_DIR`; a folder whose `node_modules` holds them will do as well. A
/// relative one is relative to this crate, where cargo runs the script. Otherwise they are in
/// `client/packages`, where `.ci/package` puts them into the published crate, or, in a checkout,
/// installed by the program `npm`.
pub(crate) fn locate(
    client: &Path,
    out_dir: &Path,
    given: Option<PathBuf>,
    npm: &str,
) -> Result<PathBuf, ClientError> {
    let folder = match given {
        Some(folder) if folder.join("node_modules").is_dir() => folder.join("node_modules"),
        Some(folder) => folder,
        None if client.join(PACKED).is_dir() => client.join(PACKED),
        None => install(client, &out_dir.join("npm"), npm)?,
    };
    for (package, bundle) in PACKAGES {
        let wanted = pinned_version(client, package)?;
        let manifest = read(folder.join(package).join("package.json"))?;
        let found = json_string(&manifest, "version").unwrap_or_default();
        if found != wanted {
            return Err(ClientError::WrongVersion { package, found, wanted, folder });
        }
        read(folder.join(package).join(bundle))?;
    }
    Ok(folder)
}

/// The version of `package` that `client/package.json` pins.
pub(crate) fn pinned_version(client: &Path, package: &str) -> Result<String, ClientError> {
    let file = client.join("package.json");
    let manifest = fs::read_to_string(&file)
        .map_err(|source| ClientError::File { file: file.clone(), source })?;
    json_string(&manifest, package).ok_or_else(|| ClientError::File {
        file,
        source: io::Error::other(format!("no version of {package}")),
    })
}

/// Runs `npm ci` in `folder`, unless it last succeeded there with the same lock file.
fn install(client: &Path, folder: &Path, npm: &str) -> Result<PathBuf, ClientError> {
    let file_error = |file: &Path, source| ClientError::File { file: file.to_owned(), source };
    let lock_file = client.join("package-lock.json");
    let lock = fs::read(&lock_file).map_err(|source| file_error(&lock_file, source))?;
    // Written last, so an interrupted installation is done again.
    let installed = folder.join("installed.lock");
    if fs::read(&installed).is_ok_and(|last| last == lock) {
        return Ok(folder.join("node_modules"));
    }

    fs::create_dir_all(folder).map_err(|source| file_error(folder, source))?;
    for name in ["package.json", "package-lock.json"] {
        let copy = folder.join(name);
        fs::copy(client.join(name), &copy).map_err(|source| file_error(&copy, source))?;
    }
    run_npm(npm, folder)?;
    fs::write(&installed, lock).map_err(|source| file_error(&installed, source))?;
    Ok(folder.join("node_modules"))
}

fn run_npm(npm: &str, folder: &Path) -> Result<(), ClientError> {
    let output = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"])
        .arg("--prefer-offline")
        .current_dir(folder)
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ClientError::NpmMissing,
            _ => ClientError::NpmUnstartable(error),
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(ClientError::NpmFailed(String::from_utf8_lossy(&output.stderr).into_owned()))
}

fn read(file: PathBuf) -> Result<String, ClientError> {
    fs::read_to_string(&file).map_err(|source| ClientError::Incomplete { file, source })
}

/// The first string value of `key` in a `package.json`.
///
/// A JSON parser would be compiled a second time, for the host, to read three values that npm
/// itself wrote in this shape.
fn json_string(json: &str, key: &str) -> Option<String> {
    let (_, rest) = json.split_once(&format!("\"{key}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    Some(rest.split_once('"')?.0.to_owned())
}
