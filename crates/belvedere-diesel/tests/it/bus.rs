//! Two servers that hear each other over PostgreSQL.

use belvedere::pub_sub::{Bus as _, BusConnection as _, Heard, PubSubOptions};
use belvedere::testing::two_servers::{NEWS, check_bus, greet, next};
use belvedere::{PubSub, SecretKeyBase};
use belvedere_diesel::testing::{
    PgBouncer, StartError, StartupOptions, TestDatabase, own_server, skipped,
};
use belvedere_diesel::{DatabaseConfig, PostgresBus};
use tokio_postgres::NoTls;

use crate::notes::MIGRATIONS;

fn server(config: &DatabaseConfig) -> PubSub {
    let bus = PostgresBus::of(config).expect("it is PostgreSQL");
    let secret = SecretKeyBase::new(&"s".repeat(64)).expect("64 bytes are enough");
    PubSub::over(bus, &secret, PubSubOptions::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_on_one_server_is_heard_on_the_other() {
    let test = "what_is_published_on_one_server_is_heard_on_the_other";
    let Some(database) = TestDatabase::postgres(test, MIGRATIONS, DatabaseConfig::new).await else {
        return;
    };
    let (one, two) = (server(&database.config), server(&database.config));
    check_bus(&one, &two, 7_999).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_end_are_opened_anew_and_all_read_anew() {
    let test = "sessions_that_end_are_opened_anew_and_all_read_anew";
    let Some(database) = TestDatabase::postgres(test, MIGRATIONS, DatabaseConfig::new).await else {
        return;
    };
    let (one, two) = (server(&database.config), server(&database.config));
    let mut news = two.subscribe(&NEWS);
    greet(&one, &mut news).await;
    let (client, driver) = tokio_postgres::connect(&database.url, NoTls).await.expect("a session");
    tokio::spawn(driver);
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.execute(end, &[]).await.expect("a superuser may end sessions");
    // The way is open again.
    while next(&mut news).await != Heard::Missed {}
    greet(&one, &mut news).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_at_once_than_may_wait_is_heard_by_its_sender_and_by_others() {
    let test = "more_at_once_than_may_wait_is_heard_by_its_sender_and_by_others";
    let Some(database) = TestDatabase::postgres(test, MIGRATIONS, DatabaseConfig::new).await else {
        return;
    };
    let bus = PostgresBus::of(&database.config).expect("it is PostgreSQL");
    let mut one = bus.connect().await.expect("it is there");
    let mut two = bus.connect().await.expect("it is there");
    let all: Vec<_> = (0..3_000).map(|number| number.to_string()).collect();
    let others = async {
        for text in &all {
            assert_eq!(two.receive().await.expect("the session goes on"), *text);
        }
    };
    let (sent, ()) = tokio::join!(one.send(all.clone()), others);
    sent.expect("the session goes on");
    for text in &all {
        assert_eq!(one.receive().await.expect("the session goes on"), *text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_pooler_there_is_no_bus_and_past_it_there_is() {
    let test = "through_a_pooler_there_is_no_bus_and_past_it_there_is";
    let Some((server, direct)) = own_server(test, MIGRATIONS, DatabaseConfig::new).await else {
        return;
    };
    for options in [StartupOptions::Refused, StartupOptions::Swallowed] {
        let pooler = match PgBouncer::start(&server, options) {
            Ok(pooler) => pooler,
            Err(StartError::NotInstalled) => return skipped(test, "pgbouncer"),
            Err(error) => panic!("{error}"),
        };
        let url = pooler.url("postgres").parse().expect("an address");
        let pooled = DatabaseConfig { url, ..direct.clone() };
        let bus = PostgresBus::of(&pooled).expect("it is PostgreSQL");
        let refused = bus.connect().await.expect_err("it cannot listen").to_string();
        assert!(refused.contains("connection pooler stands before"), "{refused}");
        assert!(refused.contains("give the bus the server's own address"), "{refused}");
    }
    let (one, two) = (self::server(&direct), self::server(&direct));
    let mut news = two.subscribe(&NEWS);
    greet(&one, &mut news).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_keep_all_text_is_refused_in_words() {
    let test = "a_database_that_cannot_keep_all_text_is_refused_in_words";
    let Some(database) = TestDatabase::postgres(test, MIGRATIONS, DatabaseConfig::new).await else {
        return;
    };
    let (client, driver) = tokio_postgres::connect(&database.url, NoTls).await.expect("a session");
    tokio::spawn(driver);
    for (encoding, name) in [("LATIN1", "bus_latin1"), ("SQL_ASCII", "bus_sql_ascii")] {
        let create =
            format!("CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0");
        client.batch_execute(&create).await.expect("a superuser may");
        let (server, _) = database.url.rsplit_once('/').expect("a name at the end");
        let url = format!("{server}/{name}").parse().expect("an address");
        let config = DatabaseConfig { url, ..database.config.clone() };
        let bus = PostgresBus::of(&config).expect("it is PostgreSQL");
        match bus.connect().await {
            Err(error) => {
                let words = "keeps text as LATIN1, in which not everything can be said";
                assert!(error.to_string().contains(words), "{error}");
            }
            Ok(mut connection) => {
                assert_eq!(encoding, "SQL_ASCII");
                connection.send(vec!["Málaga 🌧".to_owned()]).await.expect("as bytes");
                assert_eq!(connection.receive().await.expect("as bytes"), "Málaga 🌧");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_to_send_is_told_in_its_words() {
    let test = "what_the_database_refuses_to_send_is_told_in_its_words";
    let Some(database) = TestDatabase::postgres(test, MIGRATIONS, DatabaseConfig::new).await else {
        return;
    };
    let bus = PostgresBus::of(&database.config).expect("it is PostgreSQL");
    let mut connection = bus.connect().await.expect("it is there");
    let refused = connection.send(vec!["x".repeat(8_000)]).await.expect_err("it is too long");
    assert!(refused.to_string().contains("payload string too long"), "{refused}");
}

#[tokio::test]
async fn a_channel_whose_name_is_too_long_is_refused() {
    let postgres = DatabaseConfig::new("postgres://localhost/notes".parse().expect("an address"));
    let bus = PostgresBus::of(&postgres).expect("it is PostgreSQL").with_channel("x".repeat(64));
    let refused = bus.connect().await.expect_err("it is too long").to_string();
    assert_eq!(refused, "the name of a channel has 1 to 63 bytes, and this one 64");
}

#[test]
fn a_file_is_on_one_server() {
    let sqlite = DatabaseConfig::new("nothing.sqlite3".parse().expect("a path"));
    assert!(PostgresBus::of(&sqlite).is_none());
}
