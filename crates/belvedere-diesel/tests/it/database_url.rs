//! Which texts name a database, and what the others are told.

use belvedere_diesel::{DatabaseUrl, RootCertificates, TlsMode};

fn parsed(text: &str) -> DatabaseUrl {
    text.parse().unwrap_or_else(|error| panic!("{text} is valid: {error}"))
}

fn refused(text: &str) -> String {
    match text.parse::<DatabaseUrl>() {
        Ok(url) => panic!("{text} is refused, but was read as {url}"),
        Err(error) => error.to_string(),
    }
}

fn tls(text: &str) -> TlsMode {
    match parsed(text) {
        DatabaseUrl::Postgres(url) => url.tls().clone(),
        DatabaseUrl::Sqlite(path) => panic!("{text} is no SQLite path {path:?}"),
    }
}

#[test]
fn sqlite_paths_are_read_with_and_without_scheme() {
    let cases = [
        ("data/app.sqlite3", "sqlite://data/app.sqlite3"),
        ("/var/lib/app.sqlite3", "sqlite:///var/lib/app.sqlite3"),
        ("sqlite://data/app.sqlite3", "sqlite://data/app.sqlite3"),
        ("sqlite:///var/lib/app.sqlite3", "sqlite:///var/lib/app.sqlite3"),
        ("sqlite:data/app.sqlite3", "sqlite://data/app.sqlite3"),
        ("  data/app.sqlite3\n", "sqlite://data/app.sqlite3"),
        ("sqlite://file:x", "sqlite://./file:x"),
    ];
    for (text, expected) in cases {
        assert_eq!(parsed(text).to_string(), expected, "{text}");
    }
}

#[test]
fn postgres_urls_are_shown_without_password_and_parameters() {
    let cases = [
        ("postgres://app:secret@db/app", "postgres://app@db:5432/app"),
        ("postgresql://app:secret@db:6543/app?sslmode=require", "postgres://app@db:6543/app"),
        ("postgres://app:a%40b@db/app", "postgres://app@db:5432/app"),
        ("postgres://app:what?@db/app?sslmode=disable", "postgres://app@db:5432/app"),
        ("postgres://app@db", "postgres://app@db:5432/app"),
    ];
    for (text, expected) in cases {
        assert_eq!(parsed(text).to_string(), expected, "{text}");
        assert!(!format!("{:?}", parsed(text)).contains("secret"), "{text}");
    }
}

#[test]
fn sslmode_is_read() {
    assert_eq!(tls("postgres://db/app"), TlsMode::Prefer);
    assert_eq!(tls("postgres://db/app?sslmode=disable"), TlsMode::Disable);
    assert_eq!(tls("postgres://db/app?sslmode=prefer"), TlsMode::Prefer);
    assert_eq!(tls("postgres://db/app?sslmode=require"), TlsMode::Require);
    assert_eq!(
        tls("postgres://db/app?sslmode=verify-full"),
        TlsMode::VerifyFull(RootCertificates::System)
    );
    assert_eq!(
        tls("postgres://db/app?sslrootcert=system&sslmode=verify-full"),
        TlsMode::VerifyFull(RootCertificates::System)
    );
    assert_eq!(
        tls("postgres://db/app?connect_timeout=3&sslmode=verify-full&sslrootcert=%2Fca%20.pem"),
        TlsMode::VerifyFull(RootCertificates::File("/ca .pem".into()))
    );
}

#[test]
fn refusals_say_what_is_supported() {
    let cases = [
        ("", "empty"),
        ("sqlite://", "empty"),
        ("mysql://db/app", "\"mysql\" is not supported; supported are sqlite://"),
        (":memory:", "memory"),
        ("sqlite::memory:", "memory"),
        ("sqlite://app.sqlite3?mode=ro", "no parameters"),
        ("postgres:///app", "names no host"),
        ("postgres://db/app?sslmode=verify-ca", "sslmode=verify-ca is not supported"),
        ("postgres://db/app?sslmode=require&sslrootcert=/ca.pem", "sslmode=verify-full"),
        ("postgres://db/app?gssencmode=disable", "gssencmode"),
        ("postgres://db:port/app", "port"),
    ];
    for (text, expected) in cases {
        let words = refused(text);
        assert!(words.contains(expected), "{text}: {words}");
    }
}

#[test]
fn refusals_hold_no_password() {
    let urls = [
        "postgres://app:secret@x@db/app",
        "postgres://app:secret@db/app?sslmode=never",
        "postgres://app:secret@db:port/app",
        "postgres://app:secret@/app",
        "postgres://app:secret@db/app?unknown=secret",
    ];
    for text in urls {
        let words = refused(text);
        assert!(!words.contains("secret"), "{text}: {words}");
    }
}
