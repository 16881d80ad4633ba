//! The history of the tables, forwards and backwards.

use std::time::Duration;

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{DatabaseConfig, DatabaseUrl, MigrationError, QueryError, Repo};
use domain::testing;
use domain::todo_list_items::{self, Place};
use domain::{MIGRATIONS, seed, users};

use crate::leaving::until_locked_out;

const NAMES: [&str; 5] = [
    "2026-11-22-000001_create_users",
    "2026-11-22-000002_create_todo_list_items",
    "2026-11-29-000001_unique_names_and_positions",
    "2026-11-30-000001_create_imports",
    "2026-11-30-000002_reasons_of_imports",
];

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_back_and_again() {
    testing::on_each_database("migrations_run_back_and_again", async |database| {
        let TestDatabase { config, repo, .. } = database;
        assert_eq!(pending(config).await, [""; 0]);

        assert_eq!(
            MIGRATIONS.revert_all(config).await.expect("they have a way back").len(),
            NAMES.len()
        );
        assert_eq!(pending(config).await, NAMES);
        let error = users::count(repo).await.expect_err("the table is gone");
        assert!(matches!(error, QueryError::SchemaOutdated(_)), "{error}");

        assert_eq!(MIGRATIONS.run(config).await.expect("they run again").len(), NAMES.len());
        assert_eq!(pending(config).await, [""; 0]);
        assert_eq!(users::count(repo).await.expect("the table is back"), 0);
        assert!(MIGRATIONS.run(config).await.expect("nothing to do").is_empty());
    })
    .await;
}

/// The way back to before names were unique, for SQLite and for PostgreSQL.
const BEFORE_UNIQUE_NAMES: [&str; 2] = [
    concat!(
        include_str!("../../../../migrations/sqlite/2026-11-30-000001_create_imports/down.sql"),
        include_str!(
            "../../../../migrations/sqlite/2026-11-29-000001_unique_names_and_positions/down.sql"
        )
    ),
    concat!(
        include_str!("../../../../migrations/postgres/2026-11-30-000001_create_imports/down.sql"),
        include_str!(
            "../../../../migrations/postgres/2026-11-29-000001_unique_names_and_positions/down.sql"
        )
    ),
];

/// The migrations from there on.
const UNIQUE_NAMES: [&str; 3] = ["20261129000001", "20261130000001", "20261130000002"];

/// Takes the database back to before names were unique.
async fn go_back(TestDatabase { config, repo, .. }: &TestDatabase) {
    let is_postgres = usize::from(!matches!(config.url, DatabaseUrl::Sqlite(_)));
    let back = BEFORE_UNIQUE_NAMES[is_postgres].split(';').map(str::trim);
    let forget = "DELETE FROM __diesel_schema_migrations WHERE version >= '20261129000001'";
    for statement in back.filter(|statement| !statement.is_empty()).chain([forget]) {
        repo.run(diesel::sql_query(statement)).await.expect("the tables as they were");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_the_rules_before_they_were_made_keeps_them() {
    testing::on_each_database("what_broke_the_rules_before", async |database| {
        let TestDatabase { config, repo, .. } = database;
        let is_sqlite = matches!(config.url, DatabaseUrl::Sqlite(_));
        let id = |last: u32| match is_sqlite {
            true => format!("x'00000000000070008000{last:012}'"),
            false => format!("'00000000-0000-7000-8000-{last:012}'"),
        };
        let time = "'2026-01-01 00:00:00'";
        go_back(database).await;
        let mut statements = Vec::new();
        let long = "é".repeat(300);
        for (last, name) in
            [(3, "ann"), (1, "Ann"), (2, "ANN"), (4, "Bob"), (5, &long), (6, &long)]
        {
            let id = id(last);
            statements.push(format!("INSERT INTO users VALUES ({id}, '{name}', 40, {time}, {time})"));
        }
        for (last, task) in [(2, "second"), (1, "first"), (3, &long)] {
            let (id, owner) = (id(last), id(1));
            statements.push(format!(
                "INSERT INTO todo_list_items VALUES ({id}, '{task}', false, {owner}, {time}, {time})"
            ));
        }
        for statement in statements {
            repo.run(diesel::sql_query(statement)).await.expect("inserted");
        }

        assert_eq!(MIGRATIONS.run(config).await.expect("they run"), UNIQUE_NAMES);
        let users = users::list(repo, 9_999).await.expect("the users");
        let names: Vec<_> = users.iter().map(|user| user.name.clone()).collect();
        let cut = |n_chars| "é".repeat(n_chars);
        let twice = format!("{} 000000000006", cut(87));
        let once = format!("{}…", cut(99));
        let expected = ["ANN 000000000002", "Ann", "Bob", "ann 000000000003", &twice, &once];
        assert_eq!(names, expected);
        let ann = users[1].id;
        let tasks = async || {
            let items = todo_list_items::list_of_user(repo, ann).await.expect("the items");
            items.into_iter().map(|item| item.task).collect::<Vec<_>>()
        };
        let short = format!("{}…", cut(199));
        assert_eq!(tasks().await, ["first", "second", &short]);

        // The list works like any other.
        let items = todo_list_items::list_of_user(repo, ann).await.expect("the items");
        let cut = items[2].id;
        todo_list_items::set_completed(repo, ann, cut, true).await.expect("done");
        let place = Place::Before(items[1].id);
        todo_list_items::put(repo, ann, cut, place).await.expect("moved");
        let deleted = todo_list_items::delete(repo, ann, cut).await.expect("deleted");
        todo_list_items::restore(repo, deleted).await.expect("restored");
        assert_eq!(tasks().await, ["first", &short, "second"]);
        let deleted = users::delete(repo, users[5].id).await.expect("deleted");
        users::restore(repo, deleted).await.expect("restored");
    })
    .await;
}

/// The version that still runs may add a name while the next one starts.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_added_while_names_become_unique_does_not_stop_it() {
    let Some(database) = testing::postgres("a_name_that_is_added_while").await else {
        return;
    };
    go_back(&database).await;
    let TestDatabase { config, repo, .. } = &database;
    let add = |name| {
        let values = format!("(gen_random_uuid(), '{name}', 40, now(), now())");
        diesel::sql_query(format!("INSERT INTO users VALUES {values}"))
    };
    repo.run(add("Ann")).await.expect("inserted");
    let migration = repo.transaction(async |transaction| {
        transaction.run(add("ann")).await?;
        let config = config.clone();
        let migration = tokio::spawn(async move { MIGRATIONS.run(&config).await });
        until_locked_out(repo).await;
        Ok::<_, QueryError>(migration)
    });
    let run = migration.await.expect("committed").await.expect("no panic");
    assert_eq!(run.expect("it runs"), UNIQUE_NAMES);
    assert_eq!(users::count(repo).await.expect("a count"), 2);
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_together_migrate_once() {
    testing::on_each_database("instances_that_start_together_migrate_once", async |database| {
        let config = &database.config;
        MIGRATIONS.revert_all(config).await.expect("they have a way back");
        let instances = (0..4).map(|_| {
            let config = config.clone();
            tokio::spawn(async move { MIGRATIONS.run(&config).await })
        });
        let mut n_run = 0;
        for instance in instances.collect::<Vec<_>>() {
            n_run += instance.await.expect("no panic").expect("no collision").len();
        }
        assert_eq!(n_run, NAMES.len());
    })
    .await;
}

#[tokio::test]
async fn a_current_thread_runtime_can_migrate() {
    testing::on_each_database("a_current_thread_runtime_can_migrate", async |database| {
        assert_eq!(
            MIGRATIONS.revert_all(&database.config).await.expect("reverted").len(),
            NAMES.len()
        );
        assert_eq!(MIGRATIONS.run(&database.config).await.expect("run").len(), NAMES.len());
        assert!(users::is_empty(&database.repo).await.expect("a query"));
    })
    .await;
}

#[tokio::test]
async fn listing_what_is_pending_makes_no_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("deep/app.sqlite3");
    let config = domain::database(DatabaseUrl::sqlite(&path).expect("a path"));
    assert_eq!(pending(&config).await, NAMES);
    assert!(!directory.path().join("deep").exists());
}

#[tokio::test]
async fn an_unreachable_server_is_named() {
    let config = domain::database("postgres://127.0.0.1:1/app".parse().expect("a URL"));
    let error = MIGRATIONS.pending(&config).await.expect_err("nobody listens there");
    assert!(matches!(error, MigrationError::Connect(_)), "{error}");
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}

async fn pending(config: &DatabaseConfig) -> Vec<String> {
    MIGRATIONS.pending(config).await.expect("the names of the migrations")
}

#[tokio::test]
async fn a_file_that_could_not_be_filled_is_filled_at_the_next_start() {
    use diesel::connection::SimpleConnection as _;

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("app.sqlite3");
    let config = domain::database(DatabaseUrl::sqlite(&path).expect("a path"));
    let on_a_full_disk = MIGRATIONS.run_and_fill(&config, |connection| {
        connection.batch_execute("PRAGMA max_page_count = 1")?;
        seed::fill_new(connection, 2_000)
    });
    let error = on_a_full_disk.await.expect_err("there is no room");
    assert!(matches!(error, MigrationError::Database(QueryError::DiskFull)), "{error:?}");
    assert!(error.to_string().contains("the disk of the database is full; make room"), "{error}");
    assert_eq!(pending(&config).await, NAMES, "nothing is left behind");

    let with_room =
        MIGRATIONS.run_and_fill(&config, |connection| seed::fill_new(connection, 20)).await;
    assert!(with_room.expect("there is room").is_new);
    let repo = Repo::connect(&config).await.expect("a connection");
    assert_eq!(users::count(&repo).await.expect("a count"), 20);
    let again = MIGRATIONS.run_and_fill(&config, |_| unreachable!("it is filled")).await;
    assert!(again.expect("nothing to do").names.is_empty());
}

/// The lock's own time is up, not the disk's: the words are about another instance.
#[tokio::test]
async fn a_file_that_another_instance_migrates_is_told_apart() {
    let database = testing::sqlite().await;
    MIGRATIONS.revert_all(&database.config).await.expect("they have a way back");
    let hasty = DatabaseConfig { busy_timeout: Duration::ZERO, ..database.config.clone() };
    let outcome = database
        .repo
        .transaction(async |_| Ok::<_, QueryError>(MIGRATIONS.run(&hasty).await))
        .await
        .expect("the other instance commits");
    assert!(matches!(outcome, Err(MigrationError::Locked(_))), "{outcome:?}");
}

/// A connection that ends while the lock is waited for says nothing of other instances.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_at_the_lock_is_no_other_instance() {
    #[derive(diesel::QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let test = "a_connection_lost_at_the_lock_is_no_other_instance";
    let Some(database) = testing::postgres(test).await else {
        return;
    };
    let TestDatabase { repo, config, .. } = &database;
    let lock = diesel::sql_query("SELECT pg_advisory_xact_lock(465843086711)");
    let terminate = diesel::sql_query(
        "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_locks \
         WHERE locktype = 'advisory' AND NOT granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    let outcome = repo
        .transaction(async |transaction| {
            transaction.run(lock.clone()).await?;
            let config = config.clone();
            let instance = tokio::spawn(async move { MIGRATIONS.run(&config).await });
            let terminated = async {
                while repo.one::<Waiting, _>(terminate.clone()).await.expect("a count").n == 0 {}
            };
            let time = Duration::from_secs(20);
            tokio::time::timeout(time, terminated).await.expect("the instance waits");
            Ok::<_, QueryError>(instance.await.expect("no panic"))
        })
        .await
        .expect("committed");
    let error = outcome.expect_err("its connection was closed");
    assert!(matches!(error, MigrationError::Database(QueryError::ConnectionLost(_))), "{error:?}");
    database.close().await;
}
