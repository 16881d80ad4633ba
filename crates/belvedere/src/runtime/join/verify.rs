//! Whether a join's tokens fit each other, its topic and the session of its socket.

use std::time::{Duration, SystemTime};

use super::{Asked, JoinRequest};
use crate::flash::Flash;
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::runtime::children::has_parent;
use crate::runtime::client::{Client, Stranger};
use crate::runtime::routes::{Asking, JoinAsk, RouteAsk};
use crate::runtime::seed;
use crate::telemetry::PageTrace;
use crate::wire::keys;
use crate::wire::response::JoinRefusal;
use crate::wire::token::{FlashToken, PageToken, SessionId, StaticToken};

/// How long a page is new whose browser joins it at once.
const JUST_NOW: Duration = Duration::from_secs(10);

/// What the join is for, if all agrees.
pub(super) fn verify(
    runtime: &Runtime,
    client: &Client,
    request: &JoinRequest,
) -> Result<Asked, JoinRefusal<'static>> {
    let session = match client.session {
        Some(session) => session,
        // A browser that refuses cookies would load the page again and again at full speed; this
        // answer makes it wait between attempts.
        None if client.stranger == Stranger::WithoutCookie => return Err(JoinRefusal::NoCookies),
        // So would one whose pages come from another server, which knows other sessions.
        None if was_just_served(request) && is_of_another_server(runtime, client.stranger) => {
            return Err(JoinRefusal::Crashed);
        }
        None => return Err(JoinRefusal::Stale),
    };
    if request.url.is_some() {
        route(runtime, client, session, request)
    } else {
        nested(runtime, session, request)
    }
}

/// Whether the server that has served a page a moment ago knows other sessions than this one. Then the log is told.
fn is_of_another_server(runtime: &Runtime, stranger: Stranger) -> bool {
    let (told, why) = match stranger {
        Stranger::ForeignCookie => (
            &runtime.told.foreign_cookies,
            "this server did not sign: give all servers the same secret, and change it as \
             `SecretKeyBase::accepting` says",
        ),
        Stranger::EndedSession => (
            &runtime.told.revived_sessions,
            "has ended: where another server has served them, connect all servers by one bus",
        ),
        Stranger::OtherToken | Stranger::WithoutCookie => return false,
    };
    if let Some(times) = told.again() {
        tracing::warn!(times, "pages that were served a moment ago have a session that {why}");
    }
    true
}

/// Whether the page that is joined says that it was rendered a moment ago, by some server's clock.
fn was_just_served(request: &JoinRequest) -> bool {
    let now = SystemTime::now();
    PageToken::said_issue_time(&request.session).is_some_and(|issued_at| {
        let age = now.duration_since(issued_at).unwrap_or_else(|ahead| ahead.duration());
        age <= JUST_NOW
    })
}

fn route(
    runtime: &Runtime,
    client: &Client,
    session: SessionId,
    request: &JoinRequest,
) -> Result<Asked, JoinRefusal<'static>> {
    let (keys, now) = (&runtime.keys, SystemTime::now());
    let Ok(page) = PageToken::verify(&request.session, keys, now) else {
        return in_layout(runtime, session, request);
    };
    let of_page = fitting(runtime, session, request, &page)?;
    let flash = if request.navigates { carried(runtime, request) } else { of_page };
    let url = request.url.as_deref().ok_or(JoinRefusal::Unauthorized)?;
    let url = LocalPath::of_url(url).map_err(|_| JoinRefusal::Unauthorized)?;
    // While a navigation is under way, the browser still shows where it comes from.
    let shown = request.shown.as_deref().filter(|_| !request.is_navigation());
    let url = shown.and_then(|shown| LocalPath::of_url(shown).ok()).unwrap_or(url);
    if url.as_str().len() > runtime.config.max_url_bytes {
        // Shown by a script: the browser loads it, and is told by the page's own answer.
        return Err(JoinRefusal::Unauthorized);
    }
    let is_navigation = request.is_navigation();
    let led_by = if is_navigation { *client.shown() } else { PageTrace::NONE };
    let (count, navigates) = (request.attachment.count, request.navigates);
    let join = JoinAsk { page, flash, count, navigates, led_by };
    Ok(Asked::Route(RouteAsk::new(url, Asking::Join(join))))
}

/// A view in the layout is what the route of the page draws around it: of the one that the browser shows, or
/// else of the one that it has loaded.
fn in_layout(
    runtime: &Runtime,
    session: SessionId,
    request: &JoinRequest,
) -> Result<Asked, JoinRefusal<'static>> {
    let token = PageToken::verify_in_layout(&request.session, &runtime.keys, SystemTime::now());
    let page = token.map_err(|_| JoinRefusal::Stale)?;
    let flash = fitting(runtime, session, request, &page)?;
    let url = request.url.as_deref().filter(|_| !request.navigates);
    let url = url.and_then(|url| LocalPath::of_url(url).ok()).ok_or(JoinRefusal::Unauthorized)?;
    if url.as_str().len() > runtime.config.max_url_bytes {
        return Err(JoinRefusal::Unauthorized);
    }
    let shown = request.shown.as_deref().and_then(|shown| LocalPath::of_url(shown).ok());
    let max_bytes = runtime.config.max_url_bytes;
    let shown = shown.filter(|shown| *shown != url && shown.as_str().len() <= max_bytes);
    let (count, led_by) = (request.attachment.count, PageTrace::NONE);
    let join = JoinAsk { page, flash, count, navigates: false, led_by };
    let ask = |url| RouteAsk::new(url, Asking::InLayout(join.clone()));
    Ok(Asked::InLayout { shown: shown.map(ask), document: ask(url) })
}

/// The flash of a live navigation. One that is too old says nothing.
fn carried(runtime: &Runtime, request: &JoinRequest) -> Flash {
    let token = request.flash.as_deref().filter(|_| request.is_navigation());
    let now = SystemTime::now();
    let token = token.and_then(|token| FlashToken::verify(token, &runtime.keys, now).ok());
    token.map(|token| Flash::from_pairs(token.flash)).unwrap_or_default()
}

/// A nested view is what its parent places now, and gone with it. One that is placed no more may be
/// asked for by a browser that has yet to hear so.
fn nested(
    runtime: &Runtime,
    session: SessionId,
    request: &JoinRequest,
) -> Result<Asked, JoinRefusal<'static>> {
    let token = PageToken::verify_nested(&request.session, &runtime.keys, SystemTime::now());
    let token = token.map_err(|_| JoinRefusal::Stale)?;
    let flash = fitting(runtime, session, request, &token)?;
    let topic = format!("{}{}", keys::TOPIC_VIEW_PREFIX, token.instance);
    let Some(child) = runtime.children.get(&topic) else {
        let is_removed = has_parent(&runtime.views, &topic, session);
        return if is_removed { Ok(Asked::Removed) } else { Err(JoinRefusal::Stale) };
    };
    if child.identity.session != session || seed::of(&child.seed).type_name() != token.view_name {
        return Err(JoinRefusal::Stale);
    }
    Ok(Asked::Nested { child, flash, count: request.attachment.count })
}

/// The flash of the page, if the tokens are of this topic and this session.
fn fitting(
    runtime: &Runtime,
    session: SessionId,
    request: &JoinRequest,
    token: &PageToken,
) -> Result<Flash, JoinRefusal<'static>> {
    let id = request.attachment.topic().strip_prefix(keys::TOPIC_VIEW_PREFIX);
    if id != Some(&*token.view_id) || token.session_id != session {
        return Err(JoinRefusal::Stale);
    }
    let Some(statics) = &request.static_token else { return Ok(Flash::default()) };
    let statics = StaticToken::verify(statics, &runtime.keys, SystemTime::now());
    let statics = statics.map_err(|_| JoinRefusal::Stale)?;
    if statics.view_id != token.view_id {
        return Err(JoinRefusal::Stale);
    }
    let is_first = !request.attachment.is_rejoin();
    Ok(if is_first { Flash::from_pairs(statics.flash) } else { Flash::default() })
}
