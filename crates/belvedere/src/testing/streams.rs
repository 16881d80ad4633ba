//! Where the items of streams stand in a page.

use std::collections::HashSet;

use scraper::ElementRef;
use serde_json::Value;

use crate::testing::dom::Dom;

/// Refuses a page whose browser would keep only the items that came last: a stream's items are
/// children of an element with `phx-update="stream"`.
///
/// # Panics
///
/// When one is not.
pub(super) fn check(tree: &Value, html: &str) {
    let mut items = HashSet::new();
    collect(tree, &mut items);
    if items.is_empty() {
        return;
    }
    let dom = Dom::of(html);
    for item in dom.all("[id]").filter(|element| items.contains(element.attr("id").unwrap_or(""))) {
        let container = item.parent().and_then(ElementRef::wrap);
        let update = container.and_then(|container| container.attr("phx-update"));
        assert!(
            update == Some("stream"),
            "the element around the items of a stream needs `phx-update=\"stream\"`, or the browser \
             keeps only those that came last: {}",
            container.map_or_else(|| item.html(), |container| container.html()),
        );
    }
}

/// The ids of the items of every stream in `tree`, as the merge notes them.
fn collect<'a>(tree: &'a Value, items: &mut HashSet<&'a str>) {
    let Value::Object(members) = tree else { return };
    if let Some(Value::Array(ids)) = members.get("stream").and_then(|stream| stream.get("ids")) {
        items.extend(ids.iter().filter_map(Value::as_str));
    }
    members.values().for_each(|member| collect(member, items));
}
