//! The layout around a page, and the views that it places: mounted for the first response, and found
//! again by their joins.

use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::join_all;
use http::Extensions;
use http::request::Parts;
use maud::{Markup, PreEscaped};

use crate::ended::{Ended, HeldView};
use crate::http::content_security_policy::needs::Noted;
use crate::http::page::{Layout, Page, Panicked};
use crate::http::requested::original_uri;
use crate::nested::in_layout::{LayoutView, LayoutViews, topic_of};
use crate::runtime::Runtime;
use crate::runtime::seats::Seats;
use crate::runtime::seed::{self, Shown};
use crate::socket::{Identity, PageAddress};
use crate::wire::frame::MAX_ELEMENT_BYTES;
use crate::wire::token::{CsrfToken, PageToken, SessionId};

/// Joins that a view in a layout has for itself and what is nested in it.
const JOINS_EACH: usize = 5;

/// Drawings of one layout for one page: a layout that places other views each time shows none of them.
const MAX_DRAWINGS: usize = 4;

/// What a layout is drawn around.
pub(super) struct Content<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) session: SessionId,
    pub(super) view: &'a str,
}

/// A view of the layout that waits for its browser.
pub(super) struct Waiting {
    pub(super) own: Identity,
    pub(super) view: LayoutView,
    pub(super) state: HeldView,
    /// Size of its HTML.
    pub(super) html_bytes: usize,
    /// Templates in it that need something of the page's policy.
    pub(super) noted: Vec<Noted>,
}

/// The seats of a page, less those of the views that its layout is known to place.
pub(super) fn seats(runtime: &Runtime, parts: &Parts, own_id: Option<&str>) -> Arc<Seats> {
    let max = runtime.config.max_joins_per_socket;
    let of_layout = layout_of(runtime, &parts.extensions).n_views() * JOINS_EACH;
    Seats::new(max.saturating_sub(of_layout).max(1), own_id).beside(of_layout.min(max))
}

/// The same for a page whose document is there, with containers in its layout that keep their ids.
pub(super) fn seats_in_document(
    runtime: &Runtime,
    parts: &Parts,
    own_id: Option<&str>,
) -> Arc<Seats> {
    let seats = seats(runtime, parts, own_id);
    for id in layout_of(runtime, &parts.extensions).ids() {
        seats.reserve_id(&id);
    }
    seats
}

/// Draws the layout around a page, with what it places mounted.
pub(super) async fn document(
    runtime: &Arc<Runtime>,
    parts: &mut Parts,
    page: &Identity,
    content: &Content<'_>,
) -> Result<(Markup, Vec<Waiting>), Panicked> {
    let views = LayoutViews::default();
    parts.extensions.insert(views.clone());
    let mut waiting = Vec::new();
    for _ in 1..MAX_DRAWINGS {
        let document = draw(runtime, parts, &views, content)?;
        let wanted = views.wanted();
        if wanted.is_empty() {
            return Ok((document, waiting));
        }
        let layout = layout_of(runtime, &parts.extensions);
        let shown = wanted.into_iter().map(|view| show(runtime, layout, page, view));
        for (part, container, shown) in join_all(shown).await {
            views.put(&part, container);
            waiting.extend(shown);
        }
    }
    Ok((draw(runtime, parts, &views, content)?, waiting))
}

/// Draws the layout, which says what it places.
pub(super) fn draw(
    runtime: &Runtime,
    parts: &Parts,
    views: &LayoutViews,
    content: &Content<'_>,
) -> Result<Markup, Panicked> {
    views.begin_drawing();
    let csrf_token = CsrfToken::issue(&content.session, &runtime.keys);
    let layout = layout_of(runtime, &parts.extensions);
    let document = layout.around(&Page {
        title: content.title,
        csrf_token: &csrf_token,
        view: PreEscaped(content.view),
        path: original_uri(parts).path(),
        base_path: &runtime.config.base_path,
        extensions: &parts.extensions,
    });
    layout.places(views.len());
    document
}

/// Who a view in the layout of a page is.
pub(super) fn identity(page: Identity, view: &LayoutView, chosen_id: Option<&str>) -> Identity {
    Identity {
        topic: topic_of(&page.topic, &view.part),
        chosen_id: chosen_id.map(Box::from),
        address: Arc::new(PageAddress::of_layout(&page.address)),
        depth: 1,
        seats: Seats::new(JOINS_EACH, chosen_id),
        ..page
    }
}

/// Mounts a view for the page.
async fn show(
    runtime: &Arc<Runtime>,
    layout: &Layout,
    page: &Identity,
    view: LayoutView,
) -> (String, String, Option<Waiting>) {
    if topic_of(&page.topic, &view.part).len() > MAX_ELEMENT_BYTES {
        let (name, part) = (view.name, &view.part);
        tracing::error!(view = name, id = part, "the id of a view in a layout is too long");
        return (view.part, String::new(), None);
    }
    let chosen_id = view.element.usable_id(view.name);
    let chosen_id = chosen_id.filter(|id| page.seats.keep_id(view.name, id));
    chosen_id.into_iter().for_each(|id| layout.keeps_id(id));
    let own = identity(page.clone(), &view, chosen_id);
    let seed = seed::of(&view.seed);
    let shown = seed.show(runtime, own.clone(), Ended::NotJoined).await;
    let now = SystemTime::now();
    let token = PageToken {
        view_id: own.dom_id().to_owned(),
        instance: own.instance().to_owned(),
        view_name: seed.type_name().to_owned(),
        group: own.group,
        session_id: own.session,
        trace: own.page.to_bytes(),
        issued_at: now,
    };
    let (html, flash, kept) = match shown {
        Some(Shown { html, flash, noted, state }) => (html, flash, Some((state, noted))),
        None => Default::default(),
    };
    let (keys, max_frame_bytes) = (&runtime.keys, runtime.config.max_frame_bytes);
    let statics = flash.into_page_token(own.dom_id(), max_frame_bytes, keys, now);
    let marks = format!(
        " data-phx-session=\"{}\" data-phx-static=\"{statics}\"",
        token.sign_in_layout(keys),
    );
    let container = view.element.element(view.name, own.dom_id(), &marks, &html);
    let part = view.part.clone();
    let html_bytes = html.len();
    let waiting = kept.map(|(state, noted)| Waiting { own, view, state, html_bytes, noted });
    (part, container, waiting)
}

fn layout_of<'a>(runtime: &'a Runtime, extensions: &'a Extensions) -> &'a Layout {
    extensions.get::<Layout>().unwrap_or(&runtime.config.layout)
}
