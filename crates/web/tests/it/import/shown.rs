//! Which imports a page shows, and where.

use belvedere::testing::TestFile;
use domain::testing;
use web::imports::{IMPORTS, Import, ImportId, State};

use super::{Server, open, shows};

fn begun(by: &str, file: &str) -> Import {
    let (id, by, file) = (ImportId::new(), by.to_owned(), file.to_owned());
    Import { id, by, file, n_rows: 10, n_users: 10, n_done: 0, state: State::Runs }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_shown_in_its_place_until_who_began_it_begins_another() {
    let database = testing::sqlite().await;
    let server = Server::new(&database.repo);
    let mut page = open(&server.app.visitor()).await;
    let mut shows = async |imports: &[&Import], files: &[&str]| {
        for import in imports {
            server.pub_sub.publish(&IMPORTS, (*import).clone()).expect("published");
        }
        page.settle().await;
        assert_eq!(page.texts(".import h2"), files);
        page.texts(".import p:first-of-type")
    };
    let (ann, bob) = (begun("Ann", "a.csv"), begun("Bob", "b.csv"));
    let further = Import { n_done: 5, ..ann.clone() };
    let texts = shows(&[&ann, &bob, &further], &["a.csv", "b.csv"]).await;
    assert_eq!(texts[0], "Ann imports it: 5 of 10 lines.");

    let taken = Import { state: State::NameTaken, ..ann.clone() };
    let bob = Import { n_done: 5, ..bob };
    let texts = shows(&[&taken, &bob, &further], &["a.csv", "b.csv"]).await;
    assert!(texts[0].starts_with("Nothing was saved: somebody has added a user"), "{texts:?}");
    assert_eq!(texts[1], "Bob imports it: 5 of 10 lines.");

    let again = begun("Ann", "mended.csv");
    let bob = Import { state: State::Stops, ..bob };
    let texts = shows(&[&again, &bob], &["b.csv", "mended.csv"]).await;
    assert_eq!(texts[0], "It is being cancelled.");

    let others = (0..9).map(|n| {
        let import = begun(&format!("Guest {n}"), &format!("{n}.csv"));
        Import { state: State::Done, ..import }
    });
    let others: Vec<_> = others.collect();
    let files = ["b.csv", "mended.csv", "3.csv", "4.csv", "5.csv", "6.csv", "7.csv", "8.csv"];
    shows(&others.iter().collect::<Vec<_>>(), &files).await;
}

/// A page of somebody else shows it: signs in it turn nothing there, and keep no database from taking it.
#[tokio::test(flavor = "multi_thread")]
async fn a_files_name_is_shown_as_it_is_read() {
    testing::on_each_database("a_files_name_is_shown", async |database| {
        let mut server = Server::new(&database.repo);
        let mut other = open(&server.app.visitor()).await;
        let mut page = open(&server.app.visitor()).await;
        let file = TestFile::new("\u{202e}elpoep\0.csv", "name,age\nAnn,40\n");
        page.form("#import").choose_files("CSV file", [file]).await;
        page.settle().await;
        assert_eq!(page.text("#report-title"), "\u{fffd}elpoep\u{fffd}.csv");
        page.click("#start").await;
        assert_eq!(server.ended().await.state, State::Done);
        shows(&mut other, "done").await;
        assert_eq!(other.text(".import h2"), "\u{fffd}elpoep\u{fffd}.csv");
    })
    .await;
}
