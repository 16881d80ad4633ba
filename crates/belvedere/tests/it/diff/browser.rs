//! The browser's merge and expansion refuse what a browser would throw at or show wrongly.

use belvedere::diff::{MergeError, merge, to_html};
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

#[test]
fn numbers_stand_for_the_templates_of_the_message() {
    let page = json!({ "0": { "0": "a", "s": 0 }, "s": ["", "", ""], "p": { "0": ["<b>", "</b>"] },
        "1": { "k": { "0": { "0": { "0": "b", "s": 0 } }, "kc": 1 }, "s": 0 } });
    let tree = merged(json!({}), page).unwrap();
    assert_eq!(to_html(&tree).unwrap(), "<b>a</b><b><b>b</b></b>");
    let diff = json!({ "1": { "k": { "0": { "0": { "0": "c", "s": 0 } }, "kc": 1 } },
        "p": { "0": ["<i>", "</i>"] } });
    let tree = merged(tree, diff).unwrap();
    assert_eq!(to_html(&tree).unwrap(), "<b>a</b><b><i>c</i></b>");
    let unknown = merged(tree, json!({ "0": { "s": 0, "0": "d" } })).unwrap_err();
    assert_eq!(unknown, MergeError::UnknownTemplate { number: "0".into() });
}

#[test]
fn a_component_has_templates_of_its_own() {
    let component = json!({ "s": ["<p>", "</p>"], "r": 1, "0": { "0": "x", "s": 0 } });
    let page = |component: &Value| json!({ "s": ["", ""], "0": 1, "p": { "0": ["<b>", "</b>"] }, "c": { "1": component } });
    let unknown = merged(json!({}), page(&component)).unwrap_err();
    assert_eq!(unknown, MergeError::UnknownTemplate { number: "0".into() });
    let mut component = component;
    component["p"] = json!({ "0": ["<i>", "</i>"] });
    let tree = merged(json!({}), page(&component)).unwrap();
    assert_eq!(to_html(&tree).unwrap(), "<p><i>x</i></p>");
}

/// A component in an element in a row, and a text beside them.
fn skippable() -> Value {
    json!({
        "s": ["", "", ""], "0": "a",
        "1": { "s": ["<li>", "</li>"], "k": { "kc": 1, "0": {
            "0": { "s": ["<p>", "</p>"], "r": 1, "0": 1 } } } },
        "c": { "1": { "s": ["<b>", "</b>"], "r": 1, "0": "x" } },
    })
}

#[test]
fn a_change_in_an_element_that_stays_as_it_is_is_refused() {
    let tree = || merged(json!({}), skippable()).unwrap();
    let change = json!({ "1": { "0": "y" } });
    merged(tree(), json!({ "c": change })).unwrap();
    let unreached = MergeError::UnreachedComponent { number: "1".into() };
    assert_eq!(merged(tree(), json!({ "0": "b", "c": change })).unwrap_err(), unreached);
    let way = json!({ "0": "b", "c": change, "1": { "k": { "kc": 1, "0": { "0": { "0": 1 } } } } });
    assert_eq!(to_html(&merged(tree(), way).unwrap()).unwrap(), "b<li><p><b>y</b></p></li>");
}

#[test]
fn a_change_in_a_component_that_is_not_listed_is_refused() {
    let mut outer = skippable();
    let inner = json!({ "s": ["<i>", "</i>"], "r": 1, "0": "z" });
    outer["c"]["1"]["0"] = json!({ "s": ["<u>", "</u>"], "r": 1, "0": 2 });
    outer["c"]["2"] = inner;
    let tree = || merged(json!({}), outer.clone()).unwrap();
    let change = json!({ "2": { "0": "Z" } });
    merged(tree(), json!({ "c": change })).unwrap();
    let way = json!({ "k": { "kc": 1, "0": { "0": { "0": 1 } } } });
    let unreached = MergeError::UnreachedComponent { number: "2".into() };
    let refused = |components: Value| {
        merged(tree(), json!({ "0": "b", "1": way, "c": components })).unwrap_err()
    };
    assert_eq!(refused(change), unreached);
    assert_eq!(refused(json!({ "1": {}, "2": { "0": "Z" } })), unreached);
    let listed =
        json!({ "0": "b", "1": way, "c": { "1": { "0": { "0": 2 } }, "2": { "0": "Z" } } });
    merged(tree(), listed).unwrap();
}

#[test]
fn a_missing_component_in_a_row_that_is_not_kept_is_refused() {
    let page = json!({
        "s": ["<ul>", "</ul>"],
        "0": { "s": ["<li id=\"", "\">", "</li>"], "k": { "kc": 0 }, "stream": ["s", [], []] },
    });
    let tree = || merged(json!({}), page.clone()).unwrap();
    let only_updated = json!(["s-1", -1, null, true]);
    let beyond_the_limit = json!(["s-1", -1, 0, null]);
    for insert in [only_updated, beyond_the_limit] {
        let rows = json!({ "kc": 1, "0": { "0": "s-1", "1": 1 } });
        let mut message = json!({ "0": { "k": rows, "stream": ["s", [insert], []] } });
        let missing = MergeError::UnknownComponent { number: "1".into() };
        assert_eq!(merged(tree(), message.clone()).unwrap_err(), missing);
        message["c"] = json!({ "1": { "s": ["<b>", "</b>"], "r": 1, "0": "x" } });
        assert_eq!(to_html(&merged(tree(), message).unwrap()).unwrap(), "<ul></ul>");
    }
}
