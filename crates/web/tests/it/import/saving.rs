//! All of a file is saved, or nothing, whatever becomes of pages and servers meanwhile.

use std::pin::pin;
use std::time::{Duration, Instant};

use belvedere::pub_sub::PubSubOptions;
use belvedere::testing::TestBus;
use belvedere::testing::two_servers::{NEWS, greet};
use belvedere::{Heard, PubSub, SecretKeyBase};
use belvedere_diesel::Repo;
use domain::imports::Import;
use domain::{seed, testing, todo_list_items, users};
use futures_util::poll;
use web::changes::{self, Change};
use web::imports::{Others, State};

use super::{Server, add, choose, many, names, open, problems, shows, shows_at};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_is_saved_and_others_hear_of_it_once() {
    testing::on_each_database("what_was_shown_is_saved", async |database| {
        let repo = &database.repo;
        let mut server = Server::new(repo);
        let app = server.app.visitor();
        let mut changed = server.pub_sub.subscribe(&changes::USERS);
        let mut other = server.app.visitor().get("/users").await.join().await;
        let mut page = open(&app).await;
        for text in [
            "\u{feff}name;age;completed;task\r\nAnn;40;TRUE;Write\r\nAnn;40;;\"Read; \"\"rest\"\"\"\r\n\r\nBob;7;;\r\n",
            "sep=;\nname;age;completed;task\nAnn;40;1;Write\nAnn;40;0;\"Read; \"\"rest\"\"\"\nBob;7;;",
            "sep=\t\r\nname\tage\tcompleted\ttask\r\nAnn\t40\t1\tWrite\r\nAnn\t40\t0\t\"Read; \"\"rest\"\"\"\r\nBob\t7\t\t",
            "AGE\tName\tTask\tCompleted\n40\tAnn\tWrite\tyes\n40\tAnn\t\"Read; \"\"rest\"\"\"\tno\n7\tBob\t\t\n",
        ] {
            choose(&mut page, text).await;
            assert_eq!(problems(&page), [""; 0], "{text}");
            assert_eq!(page.text("#verdict"), "2 users with 2 todo items will be saved.");
            assert_eq!(
                page.texts("#preview tbody tr > *"),
                ["Ann", "40", "Write", "yes", "Ann", "40", "Read; \"rest\"", "no", "Bob", "7", "", ""]
            );
        }
        assert!(users::is_empty(repo).await.expect("a query"), "nothing is saved yet");
        page.click("#start").await;
        assert_eq!(server.ended().await.state, State::Done);
        shows(&mut page, "done").await;
        assert!(page.text(".import p").ends_with("has imported 2 users."), "{}", page.text(".import p"));
        assert!(page.texts("#report, .import progress").is_empty());
        assert_eq!(names(repo).await, ["Ann", "Bob"]);
        let ann = users::list(repo, 9_999).await.expect("a list")[0].id;
        let items = todo_list_items::list_of_user(repo, ann).await.expect("a list");
        let items: Vec<_> = items.into_iter().map(|item| (item.task, item.completed)).collect();
        assert_eq!(items, [("Write".into(), true), ("Read; \"rest\"".into(), false)]);
        shows_at(&mut other, "#users tbody th").await;
        assert_eq!(other.texts("#users tbody th"), ["Ann", "Bob"]);

        changes::tell(&server.pub_sub, ann);
        assert_eq!(changed.next().await, Heard::Message(Change::Added));
        assert_eq!(changed.next().await, Heard::Message(Change::Of(ann)), "it was told once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_lines_are_imported_and_all_pages_see_how_far() {
    testing::on_each_database("a_hundred_thousand_lines", async |database| {
        let repo = &database.repo;
        let mut server = Server::new(repo);
        let app = server.app.visitor();
        let mut page = open(&app).await;
        choose(&mut page, many(100_000)).await;
        assert_eq!(page.text("#verdict"), "100,000 users with 100,000 todo items will be saved.");
        let held = server.hold();
        page.click("#start").await;
        let import = server.begun().await;
        assert_eq!((import.n_rows, import.state), (100_000, State::Runs));
        // A page that is opened now, as by a reload, shows it; so does one of another visitor.
        for app in [&app, &server.app.visitor()] {
            let mut late = open(app).await;
            assert_eq!(late.texts(".import[data-state='runs'] progress").len(), 1);
            choose(&mut late, "name,age\nLate,1\n").await;
            late.click("#start").await;
            assert_eq!(
                late.text("#flash .flash"),
                "Another import is under way. Wait until it is done."
            );
        }
        drop(held);
        page.close().await;
        assert_eq!(server.ended().await.state, State::Done, "the page is not needed");
        assert_eq!(users::count(repo).await.expect("a count"), 100_000);
        assert_eq!(todo_list_items::count(repo).await.expect("a count"), 100_000);
        let late = open(&app).await;
        assert_eq!(late.texts(".import[data-state='done']").len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_write_while_lines_are_read() {
    testing::on_each_database("others_write_while_lines_are_read", async |database| {
        let repo = &database.repo;
        for name in ["Ann", "Bob", "Cleo", "Dan"] {
            add(repo, name).await;
        }
        let people = users::list(repo, 3).await.expect("a list");
        let mut server = Server::new(repo);
        let app = server.app.visitor();
        let mut page = open(&app).await;
        let mut other = app.get("/users").await.join().await;
        choose(&mut page, many(50_000)).await;
        shows_at(&mut page, "#start").await;
        let held = server.hold();
        page.click("#start").await;
        server.begun().await;
        for users::User { id, name, .. } in people {
            other.form(&format!("#delete-{id}")).submit().await;
            assert_eq!(other.text(".undo span"), format!("{name} was deleted."));
        }
        assert_eq!(names(repo).await.len(), 1, "nobody of the file is there yet");
        drop(held);
        assert_eq!(server.ended().await.state, State::Done);
        assert_eq!(users::count(repo).await.expect("a count"), 50_000 + 1);
    })
    .await;
}

/// What a page says of an import that a restart has ended.
const GIVEN_UP: &str = "The server was restarted before the import was through. \
                        Nothing was saved: choose the file again.";

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_a_deploy_ends_is_told_of_before_and_after() {
    testing::on_each_database("an_import_that_a_deploy_ends", async |database| {
        let repo = &database.repo;
        let mut server = Server::new(repo);
        let app = server.app.visitor();
        let mut page = open(&app).await;
        choose(&mut page, many(50_000)).await;
        shows_at(&mut page, "#start").await;
        let held = server.hold();
        page.click("#start").await;
        server.begun().await;
        let mut stopped = pin!(server.app.imports.stop());
        assert!(poll!(stopped.as_mut()).is_pending());
        drop(held);
        stopped.await;
        shows(&mut page, "given-up").await;
        assert_eq!(page.text(".import p"), GIVEN_UP);
        choose(&mut page, many(1)).await;
        page.click("#start").await;
        let refused = "The server is being restarted. Import the file in a moment.";
        assert_eq!(page.text("#flash .flash"), refused);

        let mut next = Server::new(repo);
        let mut page = open(&next.app.visitor()).await;
        assert_eq!(page.texts(".import p"), [GIVEN_UP]);
        assert!(users::is_empty(repo).await.expect("a query"));
        choose(&mut page, many(1)).await;
        page.click("#start").await;
        assert_eq!(next.ended().await.state, State::Done);
        assert_eq!(names(repo).await, ["User 0"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_an_import_of_another_server_ends_is_told_without_a_bus() {
    testing::on_each_database("how_an_import_of_another_server_ends", async |database| {
        let repo = &database.repo;
        let mut server = Server::new(repo);
        let next = Server::new(repo);
        let mut others = Others::new(next.app.imports.clone());
        let mut page = open(&server.app.visitor()).await;
        choose(&mut page, many(50_000)).await;
        shows_at(&mut page, "#start").await;
        let held = server.hold();
        page.click("#start").await;
        server.begun().await;
        let mut elsewhere = open(&next.app.visitor()).await;
        assert_eq!(elsewhere.texts(".import[data-state='unheard']").len(), 1);
        drop(held);
        assert_eq!(server.ended().await.state, State::Done);
        // The first look comes when it is over.
        others.look(Duration::MAX).await.expect("a look");
        // Without a bus the database alone says so.
        shows(&mut elsewhere, "done").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_cancelled_leaves_nothing() {
    testing::on_each_database("an_import_that_is_cancelled", async |database| {
        let repo = &database.repo;
        let bus = TestBus::default();
        let secret = SecretKeyBase::random();
        let [pub_sub, others] =
            [(); 2].map(|()| PubSub::over(bus.clone(), &secret, PubSubOptions::default()));
        // What one has said before the other was there counts as missed.
        for (one, other) in [(&pub_sub, &others), (&others, &pub_sub)] {
            greet(one, &mut other.subscribe(&NEWS)).await;
        }
        let mut server = Server::among(repo, pub_sub);
        let other = Server::among(repo, others);
        let mut page = open(&server.app.visitor()).await;
        let mut elsewhere = open(&other.app.visitor()).await;
        choose(&mut page, many(50_000)).await;
        let held = server.hold();
        page.click("#start").await;
        server.begun().await;
        // Somebody on another server sees it, and wants it to end.
        shows(&mut elsewhere, "runs").await;
        elsewhere.click(".import button").await;
        server.stops().await;
        drop(held);
        let ended = server.ended().await;
        assert_eq!(ended.state, State::Cancelled);
        assert!(0 < ended.n_done && ended.n_done < ended.n_rows, "{ended:?}: in the middle");
        shows(&mut page, "cancelled").await;
        assert_eq!(page.text(".import p"), "The import was cancelled. Nothing was saved.");
        shows(&mut elsewhere, "cancelled").await;
        assert_eq!(elsewhere.text(".import p"), "The import was cancelled. Nothing was saved.");
        assert!(users::is_empty(repo).await.expect("a query"));
        assert_eq!(todo_list_items::count(repo).await.expect("a count"), 0);
    })
    .await;
}

/// Waits until the database knows that the only import is over, whoever goes on with it.
async fn is_ended(repo: &Repo) {
    let limit = Instant::now() + Duration::from_secs(60);
    while Import::recent(repo).await.expect("a query")[0].is_saved.is_none() {
        assert!(limit > Instant::now(), "it is under way");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_another_server_is_cancelled_without_a_bus() {
    testing::on_each_database("an_import_is_cancelled_without_a_bus", async |database| {
        let repo = &database.repo;
        let mut server = Server::new(repo);
        let other = Server::new(repo);
        let mut page = open(&server.app.visitor()).await;
        choose(&mut page, many(50_000)).await;
        let held = server.hold();
        page.click("#start").await;
        server.begun().await;
        let mut elsewhere = open(&other.app.visitor()).await;
        elsewhere.click(".import[data-state='unheard'] button").await;
        is_ended(repo).await;
        drop(held);
        assert_eq!(server.ended().await.state, State::Cancelled);
        shows(&mut page, "cancelled").await;
        let mut others = Others::new(other.app.imports.clone());
        others.look(Duration::MAX).await.expect("a look");
        shows(&mut elsewhere, "cancelled").await;
        assert!(users::is_empty(repo).await.expect("a query"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_an_import_in_the_middle_leaves_nothing() {
    testing::on_each_database("what_ends_an_import_in_the_middle", async |database| {
        let repo = &database.repo;
        let mut server = Server::new(repo);
        let app = server.app.visitor();
        let mut page = open(&app).await;
        choose(&mut page, many(5_000)).await;
        add(repo, "user 4321").await;
        page.click("#start").await;
        assert_eq!(server.ended().await.state, State::NameTaken);
        shows(&mut page, "failed").await;
        // So does a page that is loaded from another server.
        let elsewhere = open(&Server::new(repo).app.visitor()).await;
        for page in [&page, &elsewhere] {
            let text = page.text(".import .failed");
            assert!(text.starts_with("Nothing was saved: somebody has added"), "{text}");
        }
        assert_eq!(names(repo).await, ["user 4321"]);

        choose(&mut page, "name,age,task\nAnn,40,Write\n").await;
        testing::drop_items(database).await;
        page.click("#start").await;
        assert_eq!(server.ended().await.state, State::Failed);
        while page.texts(".import .failed") != ["The import has failed. Nothing was saved."] {
            tokio::task::yield_now().await;
            page.settle().await;
        }
        assert_eq!(names(repo).await, ["user 4321"]);
    })
    .await;
}

/// The server goes down with everything that it was doing.
#[test]
fn a_server_that_ends_in_the_middle_leaves_nothing() {
    let threads = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let (outside, inside) = (threads().expect("threads"), threads().expect("threads"));
    let database = outside.block_on(testing::sqlite());
    let config = database.config.clone();
    let _held = inside.block_on(async move {
        let repo = Repo::connect(&config).await.expect("connected");
        let mut server = Server::new(&repo);
        let mut page = open(&server.app.visitor()).await;
        choose(&mut page, many(100_000)).await;
        let held = server.hold();
        page.click("#start").await;
        server.begun().await;
        held
    });
    inside.shutdown_background();
    outside.block_on(async {
        let repo = &database.repo;
        add(repo, "Zoë").await;
        let next = Server::new(repo);
        let mut page = open(&next.app.visitor()).await;
        assert_eq!(
            page.texts(".import[data-state='unheard']").len(),
            1,
            "it might go on elsewhere"
        );
        let mut others = Others::new(next.app.imports.clone());
        while Import::recent(repo).await.expect("a query")[0].is_saved.is_none() {
            others.look(Duration::ZERO).await.expect("a look");
        }
        shows(&mut page, "given-up").await;
        assert_eq!(page.text(".import p"), GIVEN_UP);
        assert_eq!(names(repo).await, ["Zoë"]);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_file_is_imported_as_it_was() {
    testing::on_each_database("an_exported_file_is_imported", async |database| {
        let repo = &database.repo;
        seed::fill(repo, 1_200).await.expect("seeded");
        let hostile = "name,age,task\n'=HYPERLINK(\"x\"),1,'@SUM(A1)\n'-2,1,\"a,b\"\n''=x,1,-\n\"q\"\"q;,\",1,\n";
        let mut server = Server::new(repo);
        let app = server.app.visitor();
        let mut page = open(&app).await;
        choose(&mut page, hostile).await;
        page.click("#start").await;
        assert_eq!(server.ended().await.state, State::Done);
        let mut all = names(repo).await;
        assert!(all.contains(&"=HYPERLINK(\"x\")".to_owned()) && all.contains(&"'=x".to_owned()));

        let export = app.get("/users/export.csv").await;
        let header = |name: &str| export.headers[name].to_str().expect("text").to_owned();
        assert_eq!(header("content-disposition"), "attachment; filename=\"users.csv\"");
        assert!(header("content-type").starts_with("text/csv; charset=utf-8"));
        for cell in ["\r\n\"'=HYPERLINK(\"\"x\"\")\",1,'@SUM(A1),false", "\r\n'-2,1,\"a,b\"", "\r\n''=x,1,'-,"] {
            assert!(export.html.contains(cell), "{cell:?}");
        }
        let snapshot = async || {
            let mut rows = Vec::new();
            let mut everyone = domain::bulk::Everyone::new(repo.clone());
            while let Some(page) = everyone.next().await.expect("a page") {
                rows.extend(page);
            }
            rows
        };
        let before = snapshot().await;
        let n_items = todo_list_items::count(repo).await.expect("a count");
        assert_eq!(before.iter().filter(|row| row.item.is_some()).count() as i64, n_items);
        for user in users::list(repo, 9_999).await.expect("a list") {
            users::delete(repo, user.id).await.expect("deleted");
        }
        let mut page = open(&app).await;
        choose(&mut page, export.html).await;
        assert_eq!(problems(&page), [""; 0]);
        page.click("#start").await;
        assert_eq!(server.ended().await.state, State::Done);
        assert_eq!(snapshot().await, before);
        let mut again = names(repo).await;
        again.sort();
        all.sort();
        assert_eq!(again, all);
    })
    .await;
}
