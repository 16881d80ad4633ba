//! Settings as people write them.

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    Environment::from_pairs(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))
}

fn addresses(pairs: &[(&str, &str)]) -> Vec<String> {
    let listen = environment(pairs).listen().expect("a valid address");
    listen.addresses().iter().map(ToString::to_string).collect()
}

#[test]
fn default_is_both_loopback_addresses() {
    assert_eq!(addresses(&[]), ["127.0.0.1:4000", "[::1]:4000"]);
    assert_eq!(addresses(&[("HOST", ""), ("PORT", " 80 ")]), ["127.0.0.1:80", "[::1]:80"]);
    assert_eq!(addresses(&[("HOST", "localhost")]), ["127.0.0.1:4000", "[::1]:4000"]);
}

#[test]
fn host_is_an_address() {
    assert_eq!(addresses(&[("HOST", "::")]), ["[::]:4000"]);
    assert_eq!(addresses(&[("HOST", "[::]")]), ["[::]:4000"]);
    assert_eq!(addresses(&[("HOST", "0.0.0.0"), ("PORT", "0")]), ["0.0.0.0:0"]);
}

#[test]
fn wrong_values_say_what_to_do() {
    let listen = |pairs: &[(&str, &str)]| environment(pairs).listen().expect_err("").to_string();
    let host = listen(&[("HOST", "example.org")]);
    assert!(host.contains("\"example.org\"") && host.contains("HOST=::"), "{host}");
    let port = listen(&[("PORT", "65536")]);
    assert!(port.contains("\"65536\"") && port.contains("PORT=4000"), "{port}");

    let database = environment(&[("DATABASE_URL", "mysql://x")]).database().expect_err("");
    assert!(database.to_string().starts_with("DATABASE_URL: "), "{database}");
    let direct = environment(&[("DIRECT_DATABASE_URL", "mysql://x")]).direct_database();
    let direct = direct.expect_err("").to_string();
    assert!(direct.starts_with("DIRECT_DATABASE_URL: "), "{direct}");
    let switch = environment(&[("TRUST_INCOMING_TRACE", "maybe")]);
    let switch = switch.trust_incoming_trace().expect_err("").to_string();
    assert_eq!(switch, "TRUST_INCOMING_TRACE is \"maybe\"; set it to true or false");
}

#[test]
fn migrations_go_past_the_pooler() {
    let migrated = |pairs: &[(&str, &str)]| {
        environment(pairs).direct_database().expect("a database").to_string()
    };
    let pooled = ("DATABASE_URL", "postgres://app@pooler:5432/users");
    assert_eq!(migrated(&[]), DEFAULT_DATABASE);
    assert_eq!(migrated(&[pooled]), "postgres://app@pooler:5432/users");
    let direct = ("DIRECT_DATABASE_URL", "postgres://app@direct:5432/users");
    assert_eq!(migrated(&[pooled, direct]), "postgres://app@direct:5432/users");
    let served = environment(&[pooled, direct]).database().expect("a database");
    assert_eq!(served.to_string(), "postgres://app@pooler:5432/users");
    let other =
        environment(&[direct]).direct_database().expect_err("the pages' is a file").to_string();
    assert!(other.contains("DIRECT_DATABASE_URL is PostgreSQL and DATABASE_URL SQLite"), "{other}");
}

#[cfg(unix)]
#[test]
fn a_setting_that_is_no_text_is_not_taken_for_its_default() {
    use std::os::unix::ffi::OsStringExt as _;

    let check = |name: &str| {
        let value = OsString::from_vec(b"caf\xe9.sqlite3".into());
        Environment::from_bytes([(name.into(), value)]).check()
    };
    for setting in ["DATABASE_URL", "OTEL_SERVICE_NAME"] {
        let refused = check(setting).expect_err("it is no UTF-8").to_string();
        assert!(refused.starts_with(setting), "{refused}");
    }
    check("LS_COLORS").expect("none of ours");
}

#[test]
fn public_url_is_an_origin() {
    let parse = |text| environment(&[("PUBLIC_URL", text)]).public_url();
    let origin = |text| parse(text).expect("valid").expect("set").origin().to_owned();
    assert_eq!(origin("https://Users.example/"), "https://users.example");
    assert_eq!(origin("http://localhost:4000"), "http://localhost:4000");
    assert!(environment(&[]).public_url().expect("valid").is_none());
    let no_port = ["https://a:", "https://a:b", "https://a:99999", "https://:443"];
    let no_origin = ["users.example", "ftp://a", "https://a/b", "https://a?b", "https://u@a", "x"];
    for wrong in no_port.into_iter().chain(no_origin) {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn secret_has_64_bytes() {
    let database = DatabaseUrl::sqlite("x.sqlite3").expect("a path");
    let short = environment(&[("SECRET_KEY_BASE", &"x".repeat(63))]).secret(&database);
    assert!(short.expect_err("too short").to_string().contains("63 bytes"));
    let given = environment(&[("SECRET_KEY_BASE", &SecretKeyBase::generate())]).secret(&database);
    assert!(given.is_ok());
}

#[test]
fn accepted_secrets_have_64_bytes_each() {
    let database = DatabaseUrl::sqlite("x.sqlite3").expect("a path");
    let accepted = |accepted: &str| {
        let secret = SecretKeyBase::generate();
        let settings = [("SECRET_KEY_BASE", &*secret), ("SECRET_KEY_BASE_ACCEPTED", accepted)];
        environment(&settings).secret(&database)
    };
    let [one, two] = [(); 2].map(|()| SecretKeyBase::generate());
    let both = accepted(&format!(" {one}  {two}\n")).expect("both are long enough");
    assert_eq!(both.accepted().count(), 2);
    let short = accepted(&format!("{one} short")).expect_err("too short").to_string();
    assert!(short.contains("SECRET_KEY_BASE_ACCEPTED has 5 bytes"), "{short}");
}

#[cfg(unix)]
#[test]
fn debug_secret_is_made_once_beside_the_database() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder");
    let database = DatabaseUrl::sqlite(folder.path().join("new/x.sqlite3")).expect("a path");
    let file = folder.path().join("new/secret_key_base");
    environment(&[]).secret(&database).expect("made");
    let first = std::fs::read_to_string(&file).expect("kept");
    environment(&[]).secret(&database).expect("read");
    assert_eq!(std::fs::read_to_string(&file).expect("kept"), first);
    let mode = std::fs::metadata(&file).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    std::fs::write(&file, "").expect("written");
    environment(&[]).secret(&database).expect("made anew");
    let others = std::fs::read_dir(file.parent().expect("a folder")).expect("the folder").count();
    assert_eq!(others, 1, "the secret alone");

    std::fs::write(&file, "short").expect("written");
    let spoilt = environment(&[]).secret(&database).expect_err("spoilt").to_string();
    assert!(spoilt.contains("delete it"), "{spoilt}");
}

#[test]
fn secrets_are_not_printed() {
    let secret = SecretKeyBase::generate();
    let environment = environment(&[("SECRET_KEY_BASE", &secret)]);
    assert!(!format!("{environment:?}").contains(&secret));
}

#[test]
fn every_variable_that_is_read_is_in_the_help() {
    let source = include_str!("../config.rs");
    for part in source.split("(\"").skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        if name.len() > 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
            assert!(SETTINGS_HELP.contains(name), "{name}");
        }
    }
}
