//! Whatever a visitor does, and whenever servers are replaced by either build: the page shows the same.

use proptest::prelude::*;

use super::{click, deploy, prompt, server_with};

#[derive(Clone, Debug)]
enum Act {
    Inc,
    Note(String),
    Open,
    Fill(String, String),
    Save,
    /// Puts a card up, or away.
    Card(u8),
    /// Clicks in a card, if it is up.
    Mark(u8),
    /// The server is replaced by this build, killed or in order.
    Deploy {
        build: u32,
        in_order: bool,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let text = || "[a-zäß<\"\\\\ ]{0,8}";
    prop_oneof![
        3 => Just(Act::Inc),
        2 => text().prop_map(Act::Note),
        1 => Just(Act::Open),
        3 => (text(), "[0-9a]{0,4}").prop_map(|(name, age)| Act::Fill(name, age)),
        1 => Just(Act::Save),
        2 => (0..3u8).prop_map(Act::Card),
        2 => (0..3u8).prop_map(Act::Mark),
        2 => (1..=2u32, any::<bool>()).prop_map(|(build, in_order)| Act::Deploy { build, in_order }),
    ]
}

async fn holds(acts: Vec<Act>) {
    deploy(1);
    let (mut live, app) = server_with(prompt());
    let mut desk = app.get("/desk").await.join().await;
    let mut build = 1;
    for act in acts {
        match act {
            Act::Inc => click(&mut desk, "#inc", 1).await,
            Act::Note(text) => {
                let note = serde_json::json!({ "text": text });
                desk.send_event("click", "note", note, None).await;
            }
            Act::Open if !desk.html().contains("<dialog") => click(&mut desk, "#open", 1).await,
            Act::Fill(name, age) if desk.html().contains("<dialog") => {
                let mut form = desk.form("dialog form");
                form.fill("Name", &name).await;
                form.fill("Age", &age).await;
            }
            Act::Save if desk.html().contains("<dialog") => {
                desk.form("dialog form").submit().await;
            }
            Act::Card(id) => {
                desk.send_event("click", "card", serde_json::json!({ "id": id }), None).await;
            }
            Act::Mark(id) if desk.html().contains(&format!("id=\"card-{id}\"")) => {
                click(&mut desk, &format!("#card-{id} button"), 1).await;
            }
            Act::Open | Act::Fill(..) | Act::Save | Act::Mark(_) => {}
            Act::Deploy { build: next, in_order } => {
                let before = shown(&desk.html());
                if in_order {
                    live.drain().await;
                    desk.settle().await;
                }
                // A build reads its own state and that of the one before.
                build = build.max(next);
                deploy(build);
                let (next, app) = server_with(prompt());
                live = next;
                desk.reconnect_to(&app).await;
                assert_eq!(shown(&desk.html()), before);
            }
        }
    }
}

/// What is shown, but for what says that the view is another one, what gives an input the focus, and the
/// numbers of components.
pub(super) fn shown(html: &str) -> String {
    let html = &without_numbers(html);
    let (before, rest) = html.split_once("<p id=\"restored\">").expect("the page says so");
    let (_, rest) = rest.split_once("</p>").expect("it ends");
    let rest = match (rest.split_once("<i hidden"), rest.split_once("</i>")) {
        (Some((rest, _)), Some((_, end))) => format!("{rest}{end}"),
        _ => rest.to_owned(),
    };
    format!("{before}{rest}")
}

fn without_numbers(html: &str) -> String {
    ["data-phx-component=\"", "phx-target=\""].iter().fold(html.to_owned(), |html, name| {
        let mut parts = html.split(name);
        let first = parts.next().unwrap_or_default().to_owned();
        let rests = parts.map(|part| part.split_once('"').map_or("", |(_, rest)| rest));
        rests.fold(first, |html, rest| html + rest)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_what_is_shown(acts in proptest::collection::vec(act(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("it starts").block_on(holds(acts));
    }
}
