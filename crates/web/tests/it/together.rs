//! Two people on the pages of users: each sees what the other does, and that the other is there. On one
//! server, and on two.

use belvedere::pub_sub::PubSubOptions;
use belvedere::testing::{TestApp, TestBus, TestView};
use belvedere::{PubSub, SecretKeyBase};
use belvedere_diesel::Repo;
use belvedere_diesel::testing::TestDatabase;
use belvedere_nats::NatsBus;
use belvedere_nats::testing::NatsServer;
use domain::users::{self, NewUser};
use domain::{UserId, testing};
use web::bus;
use web::pages::user::{ItemsPath, UserPath};

use crate::app::App;

async fn add(repo: &Repo, name: &str) -> UserId {
    users::insert(repo, NewUser { name: name.into(), age: 7 }).await.expect("added").id
}

async fn open(app: &TestApp, path: &str) -> TestView {
    app.get(path).await.join().await
}

async fn names(page: &mut TestView) -> Vec<String> {
    page.settle().await;
    page.texts("#users tbody th")
}

/// Under which name a page knows its visitor, and who else is said to be there.
fn company(page: &TestView) -> (String, String) {
    (page.text("#company strong"), page.texts("#company span").join(""))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_see_each_other_and_what_each_does_to_the_users() {
    testing::on_each_database("two_people_see_each_other", async |database| {
        let repo = &database.repo;
        let (ann, _) = (add(repo, "Ann").await, add(repo, "Bob").await);
        let app = App::new(repo.clone());
        let mut one = open(&app.visitor(), "/users").await;
        assert!(one.text("#company").contains("the only one here"));
        let other_visitor = app.visitor();
        let mut other = open(&other_visitor, "/users").await;
        one.settle().await;
        assert_eq!(company(&one).1, company(&other).0);
        assert_eq!(company(&other).1, company(&one).0);

        one.submit(&format!("#delete-{ann}"), &[("user", &ann.to_string())]).await;
        assert_eq!(names(&mut other).await, ["Bob"]);
        one.click("button[id^='undo-']").await;
        assert_eq!(names(&mut other).await, ["Ann", "Bob"]);
        other_visitor.post("/users/new", &[("user[name]", "Cleo"), ("user[age]", "9")]).await;
        assert_eq!(names(&mut one).await, ["Ann", "Bob", "Cleo"], "from a plain form, too");

        other.close().await;
        one.settle().await;
        assert!(one.text("#company").contains("the only one here"), "at once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_what_somebody_else_does_to_it() {
    testing::on_each_database("a_list_shows_what_somebody_else_does", async |database| {
        let ann = add(&database.repo, "Ann").await;
        let app = App::new(database.repo.clone());
        let path = UserPath { id: ann, edit: None }.to_string();
        let mut one = open(&app.visitor(), &path).await;
        let other_visitor = app.visitor();
        let mut other = open(&other_visitor, &path).await;
        let mut table = open(&other_visitor, "/users").await;
        let mut form = one.form("form.inline");
        form.fill("What is to be done?", "Write").await;
        form.submit().await;
        other.settle().await;
        assert_eq!(other.texts("#items .task"), ["Write"]);
        table.settle().await;
        assert_eq!(table.texts("#users td.number"), ["7", "1"], "the number of items");
        let item = other.attribute("#items li", "data-id").expect("an id");
        let acts = ItemsPath { id: ann }.to_string();
        other_visitor.post(&acts, &[("row[item]", &item), ("row[act]", "complete")]).await;
        one.settle().await;
        assert!(one.text(".lead").contains("1 of 1 done"), "{}", one.text(".lead"));
        table.submit(&format!("#delete-{ann}"), &[("user", &ann.to_string())]).await;
        one.settle().await;
        assert_eq!(one.path(), "/users", "nobody stays on the page of who is deleted");
        assert!(one.text("#flash").contains("Ann has been deleted"), "{}", one.text("#flash"));
    })
    .await;
}

/// Two servers of one application.
fn servers(repo: &Repo, buses: [PubSub; 2]) -> [App; 2] {
    buses.map(|pub_sub| App::among_others(repo.clone(), pub_sub))
}

#[tokio::test(flavor = "multi_thread")]
async fn people_on_two_servers_see_each_other() {
    let database = testing::sqlite().await;
    let (repo, bus) = (&database.repo, TestBus::default());
    let secret = SecretKeyBase::random();
    let pub_subs = [(); 2].map(|()| PubSub::over(bus.clone(), &secret, PubSubOptions::default()));
    let [first, second] = servers(repo, pub_subs.clone());
    let ann = add(repo, "Ann").await;
    let mut one = open(&first.visitor(), "/users").await;
    let mut other = open(&second.visitor(), "/users").await;
    let settle = async || {
        for pub_sub in &pub_subs {
            pub_sub.settle().await;
        }
        bus.settle().await;
    };
    settle().await;
    one.settle().await;
    assert_eq!(company(&one).1, company(&other).0);
    one.submit(&format!("#delete-{ann}"), &[("user", &ann.to_string())]).await;
    settle().await;
    assert!(names(&mut other).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_share_postgresql_see_each_other() {
    let Some(database) = testing::postgres("two_servers_that_share_postgresql").await else {
        return;
    };
    see_each_other(&database, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_share_nats_see_each_other_on_either_database() {
    let test = "two_servers_that_share_nats_see_each_other_on_either_database";
    let Some(nats) = NatsServer::start(test, "") else { return };
    let see = async |database: &TestDatabase| see_each_other(database, Some(nats.bus())).await;
    testing::on_each_database(test, see).await;
}

/// On two servers: over NATS if there is one, else over the database.
async fn see_each_other(database: &TestDatabase, nats: Option<NatsBus>) {
    let secret = SecretKeyBase::random();
    let pub_subs = [(); 2].map(|()| bus::pub_sub(nats.clone(), &database.config, &secret));
    let [first, second] = servers(&database.repo, pub_subs);
    let mut one = open(&first.visitor(), "/users").await;
    let mut other = open(&second.visitor(), "/users").await;
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(60);
    // Each waits for the other's word, which comes over the network.
    while company(&one).1 != company(&other).0 || company(&other).1 != company(&one).0 {
        assert!(limit > std::time::Instant::now(), "{:?} {:?}", company(&one), company(&other));
        tokio::task::yield_now().await;
        one.settle().await;
        other.settle().await;
    }
    first.visitor().post("/users/new", &[("user[name]", "Cleo"), ("user[age]", "9")]).await;
    while names(&mut other).await != ["Cleo"] {
        assert!(limit > std::time::Instant::now(), "{:?}", names(&mut other).await);
        tokio::task::yield_now().await;
    }
}
