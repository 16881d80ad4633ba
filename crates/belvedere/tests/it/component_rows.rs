//! Components in rows of streams that the browser does not have, or does not keep.

use belvedere::diff::{merge, to_html};
use belvedere::testing::Frames;
use belvedere::{LiveStream, Render, StreamLimit, component, live};
use serde_json::{Value, json};

use crate::component_trees::Count;

/// A row's number, and whether a component stands in it.
type Row = (u32, bool);

fn rows() -> LiveStream<Row> {
    LiveStream::new("rows", |row: &Row| row.0)
}

fn page(rows: &LiveStream<Row>) -> impl Render {
    live! {
        ul #rows phx-update="stream" {
            @for (id, row) in rows {
                li id=(id) { (row.0) @if row.1 { (component::<Count>(row.0, ())) } }
            }
        }
    }
}

/// What the next frame says, of which the browser has made `tree`.
async fn frame(frames: &mut Frames, tree: &mut Value, rows: &LiveStream<Row>) -> Value {
    let mut members = String::from("{");
    frames.render(Some(&page(rows)), &mut members).await;
    let sent: Value = serde_json::from_str(&(members + "}")).expect("an object");
    merge(tree, sent.clone()).expect("a frame that a browser can show");
    sent
}

fn shown(tree: &Value) -> String {
    to_html(tree).expect("a tree that can be shown")
}

#[tokio::test]
async fn a_row_that_the_browser_does_not_have_is_not_updated() {
    let (mut frames, mut tree, mut rows) = (Frames::default(), json!({}), rows());
    rows.extend([(1, true), (2, true)]);
    frame(&mut frames, &mut tree, &rows).await;
    rows.update((3, true));
    assert_eq!(frame(&mut frames, &mut tree, &rows).await, json!({}), "it never had it");
    rows.delete(2);
    frame(&mut frames, &mut tree, &rows).await;
    rows.update((2, true));
    assert_eq!(frame(&mut frames, &mut tree, &rows).await, json!({}), "it was taken out");
    rows.reset([]);
    frame(&mut frames, &mut tree, &rows).await;
    rows.update((1, true));
    assert_eq!(frame(&mut frames, &mut tree, &rows).await, json!({}), "all were taken out");
}

#[tokio::test]
async fn an_update_brings_a_component_to_a_row() {
    let (mut frames, mut tree, mut rows) = (Frames::default(), json!({}), rows());
    rows.extend([(1, false), (2, false)]);
    frame(&mut frames, &mut tree, &rows).await;
    rows.update((1, true));
    frame(&mut frames, &mut tree, &rows).await;
    assert_eq!(shown(&tree).matches("<b").count(), 1);
    frames.send::<Count>(&1, ()).await;
    assert_eq!(frame(&mut frames, &mut tree, &rows).await, json!({ "c": { "1": { "0": "1" } } }));
}

#[tokio::test]
async fn a_row_beyond_the_limit_of_its_own_frame_brings_its_component() {
    let (mut frames, mut tree) = (Frames::default(), json!({}));
    let mut rows = rows().with_limit(StreamLimit::Last(1));
    rows.extend([(1, true), (2, true)]);
    let sent = frame(&mut frames, &mut tree, &rows).await;
    assert_eq!(sent["c"].as_object().map(|trees| trees.len()), Some(2), "the browser reads both");
    assert!(!shown(&tree).contains("rows-1"));
    frames.send::<Count>(&1, ()).await;
    assert_eq!(frame(&mut frames, &mut tree, &rows).await, json!({}), "it is gone");
    rows.append((1, true));
    frame(&mut frames, &mut tree, &rows).await;
    assert!(shown(&tree).contains("rows-1"));
}
