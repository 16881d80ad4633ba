//! Encrypted connections, to a server whose certificate nobody but the test trusts.

use belvedere_diesel::testing::{self, PostgresServer, ServerCertificate, StartError};
use belvedere_diesel::{ConnectError, DatabaseConfig, Repo};
use diesel::sql_query;
use diesel::sql_types::Bool;

#[derive(diesel::QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = Bool)]
    ssl: bool,
}

async fn connect(url: &str) -> Result<bool, ConnectError> {
    let repo = Repo::connect(&DatabaseConfig::new(url.parse().expect("a URL"))).await?;
    let state: Encrypted = repo
        .one(sql_query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
        .await
        .expect("the state of this connection");
    Ok(state.ssl)
}

fn is_tls_error(outcome: Result<bool, ConnectError>) -> bool {
    matches!(outcome, Err(ConnectError::PostgresTls { .. }))
}

/// A server that proves itself as `localhost`, with its certificate.
fn start() -> Option<(PostgresServer, String)> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let certificate = ServerCertificate {
        certificate_pem: made.cert.pem(),
        key_pem: made.signing_key.serialize_pem(),
    };
    match PostgresServer::start(Some(&certificate)) {
        Ok(server) => Some((server, certificate.certificate_pem)),
        Err(StartError::NotInstalled) => {
            testing::skipped("sslmode_is_obeyed", "postgres");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sslmode_is_obeyed() {
    let Some((server, certificate)) = start() else {
        return;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let roots = directory.path().join("roots.pem");
    std::fs::write(&roots, certificate).expect("written");
    let roots = roots.display();
    let by_address = server.url("postgres");
    let by_name = by_address.replace("127.0.0.1", "localhost");

    assert!(!connect(&format!("{by_name}?sslmode=disable")).await.expect("connected"));
    assert!(connect(&by_name).await.expect("connected"), "preferred");
    assert!(connect(&format!("{by_address}?sslmode=require")).await.expect("connected"));
    let verified = format!("sslmode=verify-full&sslrootcert={roots}");
    assert!(connect(&format!("{by_name}?{verified}")).await.expect("verified"));

    let wrong_name = connect(&format!("{by_address}?{verified}")).await;
    assert!(is_tls_error(wrong_name), "the certificate is for localhost");
    let untrusted = connect(&format!("{by_name}?sslmode=verify-full")).await;
    assert!(is_tls_error(untrusted), "the system does not know the certificate");
    let no_file = format!("{by_name}?sslmode=verify-full&sslrootcert={roots}.missing");
    let error = connect(&no_file).await.expect_err("no such file");
    assert!(matches!(error, ConnectError::RootCertificates { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_when_it_is_required() {
    let test = "a_server_without_tls_is_refused_when_it_is_required";
    let Some(database) = crate::notes::postgres(test).await else {
        return;
    };
    assert!(!connect(&database.url).await.expect("connected"), "preferred, but not offered");
    assert!(is_tls_error(connect(&format!("{}?sslmode=require", database.url)).await));
    database.close().await;
}
