//! [`BasePath`]: where an application stands under its host.

use std::fmt;
use std::sync::Arc;

use crate::navigation::LocalPath;

/// Where an application stands under its host: at the root, or at a path such as `/tools`.
///
/// An application's router may be nested in another: the browser then sees paths that its routes do
/// not name. With [`LiveConfig::base_path`](crate::LiveConfig::base_path) the runtime writes those of
/// its scripts, its socket and its cookie, and understands them in joins. A view writes its own links
/// and redirects with [`path`](Self::path). It takes the base path as an extractor:
///
/// ```
/// use axum::Router;
/// use belvedere::{BasePath, LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render};
/// use belvedere::{Result, SecretKeyBase, Socket, live};
///
/// struct Tools { base: BasePath }
///
/// impl LiveView for Tools {
///     type Extract = BasePath;
///     type Params = ();
///     # type Event = ();
///     # type Message = ();
///     async fn mount(base: BasePath, _: &mut Socket<Self>) -> Result<Self, MountError> {
///         Ok(Self { base })
///     }
///     # async fn handle_event(&mut self, (): (), _: &mut Socket<Self>) -> Result { Ok(()) }
///     fn render(&self) -> impl Render {
///         live! { a href=(self.base.path("/saws?sharp=yes")) { "Saws" } }
///     }
/// }
///
/// let config = LiveConfig {
///     base_path: BasePath::new("/tools")?,
///     ..LiveConfig::new(SecretKeyBase::random())
/// };
/// let tools = LiveRuntime::new(config).serve(Router::new().live::<Tools>("/"));
/// let app: Router = Router::new().nest("/tools", tools);
/// # Ok::<(), belvedere::NotABasePath>(())
/// ```
///
/// One that is fixed is checked by the compiler:
///
/// ```
/// # use belvedere::BasePath;
/// const TOOLS: BasePath = BasePath::from_static("/tools");
/// ```
///
/// ```compile_fail
/// # use belvedere::BasePath;
/// const TOOLS: BasePath = BasePath::from_static("tools"); // it starts with a slash
/// ```
#[derive(Clone, Debug, Default)]
pub struct BasePath(Text);

#[derive(Clone, Debug, Default)]
enum Text {
    #[default]
    Root,
    Fixed(&'static str),
    Shared(Arc<str>),
}

/// The text is no base path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no base path: it starts with a slash, does not end in one, and holds no query, \
     fragment or parameter, as in `/tools`"
)]
pub struct NotABasePath(String);

impl BasePath {
    /// Checks `path`: `/tools`; nothing or `/` is the root.
    ///
    /// # Errors
    ///
    /// [`NotABasePath`] for anything that no router could be nested at.
    pub fn new(path: &str) -> Result<Self, NotABasePath> {
        if matches!(path, "" | "/") {
            return Ok(Self::default());
        }
        match LocalPath::new(path) {
            Ok(_) if is_base(path.as_bytes()) => Ok(Self(Text::Shared(path.into()))),
            Ok(_) | Err(_) => Err(NotABasePath(path.to_owned())),
        }
    }

    /// As [`new`](Self::new), for a path that is known when the program is built.
    ///
    /// # Panics
    ///
    /// Where `new` has an error: in a constant that is a message of the compiler.
    #[must_use]
    pub const fn from_static(path: &'static str) -> Self {
        match path.as_bytes() {
            b"" | b"/" => Self(Text::Root),
            bytes => {
                assert!(
                    is_base(bytes),
                    "a base path starts with a slash, does not end in one, and holds no query, \
                     fragment or parameter, as in `/tools`"
                );
                Self(Text::Fixed(path))
            }
        }
    }

    /// The path as browsers see it: `/users` of a route is `/tools/users` to them. The route is a text, or a
    /// [`LivePath`](crate::LivePath):
    ///
    /// ```
    /// # use belvedere::{BasePath, LivePath};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(LivePath, Serialize, Deserialize)]
    /// #[live_path("/saws/{id}")]
    /// struct Saw { id: i32 }
    ///
    /// let base = BasePath::new("/tools")?;
    /// assert_eq!(base.path(&Saw { id: 7 }), "/tools/saws/7");
    /// # Ok::<(), belvedere::NotABasePath>(())
    /// ```
    #[must_use]
    pub fn path(&self, route: impl fmt::Display) -> String {
        let route = route.to_string();
        if self.is_root() {
            return route;
        }
        // A nested router's root has no slash of its own.
        let below = match route.strip_prefix('/') {
            Some(rest) if rest.is_empty() || rest.starts_with('?') => rest,
            Some(_) | None => &route,
        };
        [self.as_str(), below].concat()
    }

    /// The text: `/tools`, or nothing at the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Root => "",
            Text::Fixed(path) => path,
            Text::Shared(path) => path,
        }
    }

    /// Whether the application stands at the root of its host.
    #[must_use]
    pub fn is_root(&self) -> bool {
        matches!(self.0, Text::Root)
    }
}

impl PartialEq for BasePath {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for BasePath {}

/// Whether a router can be nested at this path: plain characters in parts that are not empty.
const fn is_base(path: &[u8]) -> bool {
    let mut at = 0;
    while at < path.len() {
        let is_slash = path[at] == b'/';
        let is_last = at + 1 == path.len();
        let is_plain = path[at].is_ascii_graphic()
            && !matches!(path[at], b'?' | b'#' | b'{' | b'}' | b'*' | b';' | b'\\');
        if !is_plain || (is_slash && (is_last || path[at + 1] == b'/')) {
            return false;
        }
        at += 1;
    }
    !path.is_empty() && path[0] == b'/'
}

impl fmt::Display for BasePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_routes_become_paths_of_browsers() {
        let root = BasePath::new("/").unwrap();
        assert_eq!((root.path("/"), root.path("/a?b=c")), ("/".into(), "/a?b=c".into()));
        let tools = BasePath::new("/my/tools").unwrap();
        for (route, path) in
            [("/", "/my/tools"), ("/?page=2", "/my/tools?page=2"), ("/saws", "/my/tools/saws")]
        {
            assert_eq!(tools.path(route), path);
        }
    }

    #[test]
    fn what_no_router_is_nested_at_is_refused() {
        for text in [
            "tools", "/tools/", "//evil", "/a//b", "/a?b", "/a#b", "/{id}", "/a;b", "/a b", "/é",
            "/\\a",
        ] {
            assert_eq!(BasePath::new(text), Err(NotABasePath(text.to_owned())), "{text}");
            assert!(!is_base(text.as_bytes()), "{text}");
        }
        assert_eq!(Ok(BasePath::from_static("/my/tools")), BasePath::new("/my/tools"));
        assert_eq!(BasePath::from_static("/"), BasePath::default());
    }
}
