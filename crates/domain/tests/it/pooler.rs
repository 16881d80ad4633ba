//! PgBouncer in transaction mode between here and the server.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use belvedere_diesel::testing::{PgBouncer, PostgresServer, StartError, StartupOptions, skipped};
use belvedere_diesel::{
    ConnectError, DatabaseConfig, DatabaseUrl, MigrationError, QueryError, Repo,
};
use domain::testing;
use domain::{MIGRATIONS, seed, users};

use crate::leaving::until_locked_out;
use crate::queries::{list_slowly, person};

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_work_behind_a_pooler_that_refuses_settings() {
    works_behind("pages_work_behind_a_pooler_that_refuses_settings", StartupOptions::Refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_work_behind_a_pooler_that_swallows_settings() {
    let test = "pages_work_behind_a_pooler_that_swallows_settings";
    works_behind(test, StartupOptions::Swallowed).await;
}

/// A server of the test's own, a pooler before it, and the way past that; nothing where one is not installed.
async fn pooled_server(
    test: &str,
    options: StartupOptions,
) -> Option<(PostgresServer, PgBouncer, DatabaseConfig)> {
    let (server, direct) = testing::own_server(test).await?;
    match PgBouncer::start(&server, options) {
        Ok(pooler) => Some((server, pooler, direct)),
        Err(StartError::NotInstalled) => {
            skipped(test, "pgbouncer");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

async fn works_behind(test: &str, options: StartupOptions) {
    let Some((_server, pooler, direct)) = pooled_server(test, options).await else {
        return;
    };
    let url: DatabaseUrl = pooler.url("postgres").parse().expect("a URL");
    if options == StartupOptions::Refused {
        let url = format!("{url}?options=-c%20lock_timeout%3D5000");
        let config = DatabaseConfig { url: url.parse().expect("a URL"), ..direct.clone() };
        let error = Repo::connect(&config).await.expect_err("refused");
        assert!(error.to_string().contains("the database URL carries `options`"), "{error}");
    }
    let config = DatabaseConfig { url, ..direct.clone() };
    assert!(MIGRATIONS.pending(&config).await.expect("a list").is_empty());
    for _ in 0..2 {
        assert_eq!(MIGRATIONS.revert_all(&config).await.expect("they have a way back").len(), 5);
        assert_eq!(MIGRATIONS.run(&config).await.expect("they run again").len(), 5);
    }
    assert_eq!(MIGRATIONS.run(&direct).await.expect("no lock is left"), [""; 0]);

    let repo = Repo::connect(&config).await.expect("a connection");
    seed::fill(&repo, 20).await.expect("seeded");
    // More visitors than the pooler has connections, so that they change among them.
    let visitors = (0..12).map(|_| {
        let repo = repo.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                let fast = users::list_with_todo_counts(&repo, 9_999).await.expect("the fast page");
                assert_eq!(fast, list_slowly(&repo).await);
            }
        })
    });
    for visitor in visitors.collect::<Vec<_>>() {
        visitor.await.expect("every page is answered");
    }

    let twice = users::insert(&repo, person(" ")).await.expect_err("a blank name");
    assert_eq!(twice.constraint(), Some("users_name_not_blank"));
    let limit = diesel::sql_query("SELECT current_setting('statement_timeout') AS value");
    let within = repo.transaction(async |transaction| {
        transaction.all(limit.clone()).await.map(|rows: Vec<Setting>| rows[0].value.clone())
    });
    assert_eq!(within.await.expect("a setting"), "15s");
    let outside: Setting = repo.one(limit).await.expect("a setting");
    assert_eq!(outside.value, "0", "no setting is left for others");
}

/// Longer than a login takes on a machine at work.
const WITHIN: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_for_a_poolers_connections_is_told_from_a_silent_database() {
    let test = "a_queue_for_a_poolers_connections_is_told_from_a_silent_database";
    let Some((server, pooler, direct)) = pooled_server(test, StartupOptions::Refused).await else {
        return;
    };
    let url = pooler.url("postgres").parse().expect("a URL");
    let config = DatabaseConfig { url, connect_timeout: WITHIN, ..direct.clone() };
    let repo = Repo::connect(&config).await.expect("a connection");
    let config = DatabaseConfig { direct_url: Some(direct.url.clone()), ..config };
    let informed = Repo::connect(&config).await.expect("a connection");

    // All three of the pooler's connections are taken.
    let (unsure, busy, silent) = repo
        .transaction(async |_| {
            repo.transaction(async |_| {
                repo.transaction(async |_| {
                    let unsure = repo.check(WITHIN).await;
                    // After a third of this it looks, and that takes two logins.
                    let busy = informed.check(3 * WITHIN).await;
                    server.freeze();
                    let silent = informed.check(WITHIN).await;
                    server.thaw();
                    Ok::<_, QueryError>((unsure, busy, silent))
                })
                .await
            })
            .await
        })
        .await
        .expect("committed");
    let words = unsure.expect_err("nothing answers").to_string();
    assert!(words.contains("the connection pooler, which may have no connection free"), "{words}");
    busy.expect("the server is there, and the pooler lets clients in");
    assert!(matches!(silent, Err(QueryError::Silent(_))), "{silent:?}");
}

/// A pooler lets clients in though the server says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_nobody_waits_for_a_silent_server_without_end() {
    let test = "behind_a_pooler_nobody_waits_for_a_silent_server_without_end";
    let Some((server, pooler, direct)) = pooled_server(test, StartupOptions::Refused).await else {
        return;
    };
    let url = pooler.url("postgres").parse().expect("a URL");
    let config = DatabaseConfig { url, connect_timeout: WITHIN, ..direct };
    Repo::connect(&config).await.expect("the pooler knows the server");
    server.freeze();
    let migrated = MIGRATIONS.run(&config).await;
    assert!(matches!(migrated, Err(MigrationError::Connect(_))), "{migrated:?}");
    let connected = Repo::connect(&config).await;
    assert!(matches!(connected, Err(ConnectError::TimedOut { .. })), "{connected:?}");
    server.thaw();
}

/// A session without the statement is what a pooler gives that is not recognised.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_session_is_no_matter_of_migrations() {
    let test = "a_changed_session_is_no_matter_of_migrations";
    let Some(database) = testing::postgres(test).await else {
        return;
    };
    let unknown = database.repo.run(diesel::sql_query("EXECUTE nothing")).await;
    let error = unknown.expect_err("there is no such statement");
    assert!(matches!(error, QueryError::Pooler(_)), "{error:?}");
    let words = error.to_string();
    assert!(words.contains("pooler") && !words.contains("migrations"), "{words}");
    database.close().await;
}

/// One that refuses settings in words of its own, before this server.
fn start_strange_pooler(server: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.expect("a client");
            std::thread::spawn(move || relay(client, server));
        }
    });
    port
}

fn relay(mut client: TcpStream, server: u16) -> std::io::Result<()> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let mut startup = vec![0; u32::from_be_bytes(length) as usize - length.len()];
    client.read_exact(&mut startup)?;
    if startup.windows(7).any(|bytes| bytes == b"options") {
        let fields = b"SFATAL\0VFATAL\0C0A000\0Mnothing of that kind here\0\0";
        let length = u32::try_from(fields.len() + length.len()).expect("it is short");
        return client.write_all(&[b"E", &length.to_be_bytes()[..], fields].concat());
    }
    let mut server = TcpStream::connect(("127.0.0.1", server))?;
    server.write_all(&[&length[..], &startup].concat())?;
    let (mut answers, mut asker) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || std::io::copy(&mut answers, &mut asker));
    std::io::copy(&mut client, &mut server)?;
    server.shutdown(Shutdown::Both)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_is_recognised_whatever_its_words() {
    let test = "a_pooler_is_recognised_whatever_its_words";
    let Some((server, direct)) = testing::own_server(test).await else {
        return;
    };
    let port = start_strange_pooler(server.port());
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
    let config = DatabaseConfig { url: url.parse().expect("a URL"), ..direct };
    let repo = Repo::connect(&config).await.expect("a connection");
    assert!(users::is_empty(&repo).await.expect("an answer"));
    let named = diesel::sql_query("SELECT name AS value FROM pg_prepared_statements");
    let named: Vec<Setting> = repo.all(named).await.expect("an answer");
    assert!(named.is_empty(), "statements go out without names");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_behind_a_pooler_of_a_database_that_falls_silent_end() {
    let test = "migrations_behind_a_pooler_of_a_database_that_falls_silent_end";
    let Some((server, pooler, direct)) = pooled_server(test, StartupOptions::Refused).await else {
        return;
    };
    let repo = Repo::connect(&direct).await.expect("a connection");
    let config = DatabaseConfig {
        url: pooler.url("postgres").parse().expect("a URL"),
        direct_url: Some(direct.url),
        connect_timeout: Duration::from_secs(1),
        ..direct
    };
    let outcome = repo.transaction(async |transaction| {
        transaction.run(diesel::sql_query("LOCK TABLE users")).await?;
        let back = tokio::spawn(async move { MIGRATIONS.revert_all(&config).await });
        until_locked_out(&repo).await;
        server.freeze();
        let outcome = back.await.expect("no panic");
        server.thaw();
        Ok::<_, QueryError>(outcome)
    });
    let error = outcome.await.expect("committed").expect_err("nobody answered");
    assert!(matches!(error, MigrationError::Database(QueryError::Silent(_))), "{error:?}");
}
