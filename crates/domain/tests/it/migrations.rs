//! The history of the tables, forwards and backwards.

use std::time::Duration;

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{DatabaseConfig, DatabaseUrl, MigrationError, QueryError, Repo};
use domain::testing;
use domain::todo_list_items::{self, Place};
use domain::{MIGRATIONS, seed, users};

const NAMES: [&str; 3] = [
    "2026-11-22-000001_create_users",
    "2026-11-22-000002_create_todo_list_items",
    "2026-11-29-000001_unique_names_and_positions",
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

/// The way back of the newest migration, for SQLite and for PostgreSQL.
const BEFORE_UNIQUE_NAMES: [&str; 2] = [
    include_str!(
        "../../../../migrations/sqlite/2026-11-29-000001_unique_names_and_positions/down.sql"
    ),
    include_str!(
        "../../../../migrations/postgres/2026-11-29-000001_unique_names_and_positions/down.sql"
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_the_rules_before_they_were_made_is_kept() {
    testing::on_each_database("what_broke_the_rules_before", async |database| {
        let TestDatabase { config, repo, .. } = database;
        let is_sqlite = matches!(config.url, DatabaseUrl::Sqlite(_));
        let id = |last: u32| match is_sqlite {
            true => format!("x'00000000000070008000{last:012}'"),
            false => format!("'00000000-0000-7000-8000-{last:012}'"),
        };
        let time = "'2026-01-01 00:00:00'";
        let mut statements: Vec<String> =
            BEFORE_UNIQUE_NAMES[usize::from(!is_sqlite)].split(';').map(str::to_owned).collect();
        statements.retain(|statement| !statement.trim().is_empty());
        statements.push(
            "DELETE FROM __diesel_schema_migrations WHERE version = '20261129000001'".to_owned(),
        );
        let long = "x".repeat(300);
        for (last, name) in [(3, "ann"), (1, "Ann"), (2, "ANN"), (4, "Bob"), (5, &long)] {
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
            repo.run(diesel::sql_query(statement)).await.expect("the tables as they were");
        }

        assert_eq!(MIGRATIONS.run(config).await.expect("they run"), ["20261129000001"]);
        let users = users::list(repo).await.expect("the users");
        let names: Vec<_> = users.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(names, ["ANN 000000000002", "Ann", "Bob", "ann 000000000003", &long]);
        let ann = users[1].id;
        let items = todo_list_items::list_of_user(repo, ann).await.expect("the items");
        let tasks: Vec<_> = items.iter().map(|item| item.task.as_str()).collect();
        assert_eq!(tasks, ["first", "second", &long]);
        // PostgreSQL wants what is too long to become shorter before it is moved.
        todo_list_items::rename(repo, ann, items[2].id, "third".into()).await.expect("renamed");
        let place = Place::Before(items[1].id);
        todo_list_items::put(repo, ann, items[2].id, place).await.expect("moved");
        let items = todo_list_items::list_of_user(repo, ann).await.expect("the items");
        let tasks: Vec<_> = items.iter().map(|item| item.task.as_str()).collect();
        assert_eq!(tasks, ["first", "third", "second"]);
    })
    .await;
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
