//! The 200-row table that the reference server's frames were taken from: same rows, same acts, at
//! most as many bytes.

use belvedere::{LiveEvent, live, template::Render};

use super::Client;

/// Bytes of a reply around its diff: `["4","5","lv:phx-XXXXXXXXXXXXXXXX","phx_reply",…]`.
const ENVELOPE_BYTES: usize = 121 - r#"{"0":{"k":{"0":{"3":"28"},"kc":200}}}"#.len();

/// Bytes of a join reply around the members of its tree.
const JOIN_ENVELOPE_BYTES: usize = 116 + "{}".len();

#[derive(Clone)]
struct User {
    id: u32,
    name: String,
    age: u32,
}

/// Names as long as the reference's, 2,500 bytes in all, and its ages.
fn users() -> Vec<User> {
    let name = |id: u32| ["Ada Lovelace", "Alan Lovelace"][id as usize % 2].to_owned();
    (1..=200).map(|id| User { id, name: name(id), age: 20 + id * 7 % 60 }).collect()
}

fn page(users: &[User]) -> impl Render {
    live! {
        h1 { "Table" }
        button #bump phx-click="bump" { "Bump one" }
        button #bump-all phx-click="bump_all" { "Bump all" }
        button #shuffle phx-click="shuffle" { "Shuffle" }
        button #reverse phx-click="reverse" { "Reverse" }
        table {
            thead { tr { th { "Id" } th { "Name" } th { "Age" } } }
            tbody #rows {
                @for user in users {
                    tr #{ "row-" (user.id) } key=(user.id) {
                        td { (user.id) } td { (user.name) } td { (user.age) }
                    }
                }
            }
        }
    }
}

/// What `act` sends on the table as it is first shown.
fn sent_by(act: impl FnOnce(&mut Vec<User>)) -> String {
    let mut users = users();
    let mut client = Client::new();
    client.render(&page(&users));
    act(&mut users);
    client.render(&page(&users))
}

#[test]
fn one_changed_row_is_one_hole() {
    let sent = sent_by(|users| users[0].age = 28);
    assert_eq!(sent, r#"{"0":{"k":{"0":{"3":"28"},"kc":200}}}"#);
}

#[test]
fn all_rows_changed() {
    let sent = sent_by(|users| users.iter_mut().for_each(|user| user.age += 1));
    assert!(sent.starts_with(r#"{"0":{"k":{"0":{"3":"28"},"1":{"3":"35"},"#), "{sent}");
    assert!(sent.len() + ENVELOPE_BYTES <= 3397, "{}", sent.len());
}

#[test]
fn shuffled_rows_are_numbers() {
    // A permutation without fixed points, as costly as a shuffle can be.
    let sent = sent_by(|users| {
        let shuffled = (0..200).map(|index| users[(index * 67 + 117) % 200].clone()).collect();
        *users = shuffled;
    });
    assert!(sent.starts_with(r#"{"0":{"k":{"0":117,"1":184,"#), "{sent}");
    assert!(sent.len() + ENVELOPE_BYTES <= 1896, "{}", sent.len());
}

#[test]
fn reversed_rows_are_numbers() {
    let sent = sent_by(|users| users.reverse());
    assert!(sent.starts_with(r#"{"0":{"k":{"0":199,"1":198,"#), "{sent}");
    assert!(sent.len() + ENVELOPE_BYTES <= 1896, "{}", sent.len());
}

#[test]
fn a_reversed_row_that_changed_is_a_move_with_its_change() {
    let sent = sent_by(|users| {
        users[0].age = 53;
        users.reverse();
    });
    assert!(sent.ends_with(r#""199":[0,{"3":"53"}],"kc":200,"km":true}}}"#), "{sent}");
    assert!(sent.len() + ENVELOPE_BYTES <= 1910, "{}", sent.len());
}

#[test]
fn an_appended_row_is_itself() {
    let sent = sent_by(|users| users.push(User { id: 1000, name: "New Row".into(), age: 1 }));
    let row = r#"{"0":"1000","1":"1000","2":"New Row","3":"1"}"#;
    assert_eq!(sent, format!(r#"{{"0":{{"k":{{"200":{row},"kc":201}}}}}}"#));
    assert!(sent.len() + ENVELOPE_BYTES <= 159, "{}", sent.len());
}

#[test]
fn a_deleted_row_moves_the_others() {
    let sent = sent_by(|users| drop(users.remove(0)));
    assert!(sent.starts_with(r#"{"0":{"k":{"0":1,"1":2,"2":3,"#), "{sent}");
    assert!(sent.len() + ENVELOPE_BYTES <= 1899, "{}", sent.len());
}

#[test]
fn the_full_tree_is_small_and_its_memory_smaller() {
    let mut memory = belvedere::diff::Memory::default();
    let mut tree = String::new();
    belvedere::template::diff(&page(&users()), &mut memory, &mut tree);
    assert!(tree.len() + JOIN_ENVELOPE_BYTES <= 11_705, "{}", tree.len());
    // The node, the list's head, and per row its key and four holes.
    assert_eq!(memory.bytes(), 8 * (1 + 2 + 200 * 5));
}

/// The same rows, each with two buttons, whose events are typed.
fn desk(users: &[User]) -> impl Render {
    live! {
        table {
            tbody #rows {
                @for user in users {
                    tr #{ "row-" (user.id) } key=(user.id) {
                        td { (user.name) } td { (user.age) }
                        td { button phx-click=(DeskEvent::Older { id: user.id }) { "Older" } }
                        td { button phx-click=(DeskEvent::Delete { id: user.id }) { "Delete" } }
                    }
                }
            }
        }
    }
}

/// As Phoenix has it, and its authors write: a bare name, and the id beside it.
fn plain_desk(users: &[User]) -> impl Render {
    live! {
        table {
            tbody #rows {
                @for user in users {
                    tr #{ "row-" (user.id) } key=(user.id) {
                        td { (user.name) } td { (user.age) }
                        td { button phx-click="older" phx-value-id=(user.id) { "Older" } }
                        td { button phx-click="delete" phx-value-id=(user.id) { "Delete" } }
                    }
                }
            }
        }
    }
}

#[derive(LiveEvent)]
enum DeskEvent {
    Older { id: u32 },
    Delete { id: u32 },
}

#[test]
fn a_typed_event_in_a_row_costs_its_field() {
    let tree = |template: &dyn Render| Client::new().render(template);
    let typed = tree(&desk(&users()));
    let row = r#"{"0":"1","1":"Alan Lovelace","2":"27","3":"1","4":"1"}"#;
    assert!(typed.contains(row), "{}", &typed[..600]);
    // The text of the template, which travels once, is longer by the push commands.
    let n_more = typed.len() - tree(&plain_desk(&users())).len();
    assert!(n_more < 150, "{n_more}");
    let mut users = users();
    let mut client = Client::new();
    client.render(&desk(&users));
    users[0].age += 1;
    assert_eq!(client.render(&desk(&users)), r#"{"0":{"k":{"0":{"2":"28"},"kc":200}}}"#);
    users[0].id = 1000;
    let row = r#"{"0":"1000","1":"Alan Lovelace","2":"28","3":"1000","4":"1000"}"#;
    let sent = client.render(&desk(&users));
    assert!(sent.contains(row), "{sent}");
}
