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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath(Option<Arc<str>>);

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
        let is_plain = !path.contains(['?', '#', '{', '}', '*', ';']) && !path.contains("//");
        let is_base = is_plain && !path.ends_with('/') && path.is_ascii() && !path.contains(' ');
        match LocalPath::new(path) {
            Ok(_) if is_base => Ok(Self(Some(path.into()))),
            Ok(_) | Err(_) => Err(NotABasePath(path.to_owned())),
        }
    }

    /// The path as browsers see it: `/users` of a route is `/tools/users` to them.
    #[must_use]
    pub fn path(&self, route: &str) -> String {
        let route = match (&self.0, route) {
            (Some(_), "/") => "",
            (Some(_), with_query) if with_query.starts_with("/?") => &with_query[1..],
            (_, route) => route,
        };
        format!("{self}{route}")
    }

    /// The text: `/tools`, or nothing at the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether the application stands at the root of its host.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_none()
    }
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
        }
    }
}
