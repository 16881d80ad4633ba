//! The browser's merge and expansion refuse what a browser would throw at or show wrongly.

use live_view::diff::{MergeError, merge, to_html};
use serde_json::{Value, json};

fn merged(mut tree: Value, diff: Value) -> Result<Value, MergeError> {
    merge(&mut tree, diff).map(|()| tree)
}

fn rows() -> Value {
    json!({ "s": ["<li>", "</li>"], "k": { "0": { "0": "a" }, "1": { "0": "b" }, "kc": 2 } })
}

#[test]
fn absent_members_keep_their_value() {
    let tree = json!({ "s": ["", "", ""], "0": "a", "1": { "s": ["", ""], "0": "b" } });
    let tree = merged(tree, json!({ "1": { "0": "B" } })).unwrap();
    assert_eq!(to_html(&tree).unwrap(), "aB");
}

#[test]
fn statics_replace_the_node() {
    let tree = json!({ "s": ["", "", ""], "0": "a", "1": "b" });
    let tree = merged(tree, json!({ "1": { "s": ["<", ">"], "0": "c" } })).unwrap();
    assert_eq!(to_html(&tree).unwrap(), "a<c>");
    let tree = merged(tree, json!({ "s": ["new"] })).unwrap();
    assert_eq!(to_html(&tree).unwrap(), "new");
}

#[test]
fn moves_name_the_places_before_the_message() {
    let diff = json!({ "k": { "0": [1, { "0": "B" }], "1": 0, "kc": 2, "km": true } });
    let tree = merged(rows(), diff).unwrap();
    assert_eq!(to_html(&tree).unwrap(), "<li>B</li><li>a</li>");
}

#[test]
fn a_new_entry_merges_into_the_old_occupant() {
    let tree = merged(rows(), json!({ "k": { "0": { "1": "extra" }, "kc": 1 } })).unwrap();
    assert_eq!(to_html(&tree).unwrap(), "<li>a</li>");
}

#[test]
fn diffs_that_a_browser_cannot_merge_are_refused() {
    let refused = |diff: Value| merged(rows(), diff).unwrap_err();
    let index = || "0".to_owned();
    assert_eq!(refused(json!(1)), MergeError::NotAnObject { found: json!(1) });
    assert_eq!(refused(json!({ "k": {} })), MergeError::MissingCount);
    assert_eq!(
        refused(json!({ "k": { "0": 1, "kc": 2 } })),
        MergeError::UnannouncedMove { index: index() }
    );
    assert_eq!(
        refused(json!({ "k": { "0": 7, "kc": 2, "km": true } })),
        MergeError::UnknownEntry { from: "7".into() }
    );
    assert_eq!(
        refused(json!({ "k": { "0": [1], "kc": 2, "km": true } })),
        MergeError::MalformedEntry { index: index(), found: json!([1]) }
    );
    assert_eq!(
        refused(json!({ "k": { "0": "a", "kc": 2 } })),
        MergeError::MalformedEntry { index: index(), found: json!("a") }
    );
}

#[test]
fn trees_that_a_browser_cannot_show_are_refused() {
    let refused = |tree: Value| to_html(&tree).unwrap_err();
    assert_eq!(refused(json!("a")), MergeError::NotAnObject { found: json!("a") });
    assert_eq!(refused(json!({})), MergeError::MissingStatics);
    assert_eq!(refused(json!({ "s": [] })), MergeError::MissingStatics);
    assert_eq!(refused(json!({ "s": ["", ""] })), MergeError::MissingHole { hole: 0 });
    assert_eq!(
        refused(json!({ "s": ["", ""], "0": true })),
        MergeError::MalformedHole { hole: 0, found: json!(true) }
    );
    assert_eq!(
        refused(json!({ "s": [""], "k": { "0": {}, "kc": 2 } })),
        MergeError::MissingEntry { index: 1 }
    );
}
