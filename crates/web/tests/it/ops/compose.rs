//! The programs on one machine.

use std::process::Command;

use belvedere::SecretKeyBase;
use serde_json::Value;

use super::{assert_documented, path, read, settings, text, yaml};

/// Keys of the Compose specification, of which the file may be made.
const DOCUMENTED: [&str; 19] = [
    "name",
    "services.*.build.context",
    "services.*.command",
    "services.*.depends_on.*.condition",
    "services.*.environment.*",
    "services.*.healthcheck.interval",
    "services.*.healthcheck.retries",
    "services.*.healthcheck.test",
    "services.*.healthcheck.timeout",
    "services.*.image",
    "services.*.ports",
    "services.*.profiles",
    "services.*.restart",
    "services.*.stop_grace_period",
    "services.*.volumes",
    "volumes.postgres-data",
    "volumes.tempo-data",
    "x-web-build.context",
    "x-web-environment.*",
];

fn services() -> serde_json::Map<String, Value> {
    yaml("ops/compose.yaml")["services"].as_object().expect("services").clone()
}

#[test]
fn keys_are_those_of_the_specification() {
    assert_documented("compose.yaml", &yaml("ops/compose.yaml"), &DOCUMENTED);
}

#[test]
fn images_are_built_from_folders_that_have_a_dockerfile() {
    for (name, service) in services() {
        let context = service.pointer("/build/context").and_then(Value::as_str);
        assert!(context.is_some() != service.get("image").is_some(), "{name}");
        if let Some(context) = context {
            assert!(path("ops").join(context).join("Dockerfile").exists(), "{name}");
        }
    }
}

#[test]
fn each_service_waits_for_what_it_needs() {
    let services = services();
    for (name, service) in &services {
        let needs = service.get("depends_on").and_then(Value::as_object);
        for (needed, how) in needs.into_iter().flatten() {
            let needed = services.get(needed).unwrap_or_else(|| panic!("{name}: {needed}"));
            let holds = match text(how, "/condition") {
                "service_healthy" => needed.get("healthcheck").is_some(),
                "service_completed_successfully" => needed.get("command").is_some(),
                "service_started" => true,
                other => panic!("{name}: {other}"),
            };
            assert!(holds, "{name}");
        }
    }
    let migrated = text(&services["seed"], "/depends_on/migrate/condition");
    assert_eq!(migrated, "service_completed_successfully");
    let seeded = text(&services["web"], "/depends_on/seed/condition");
    assert_eq!(seeded, "service_completed_successfully");
}

#[test]
fn the_application_is_given_settings_and_commands_that_it_has() {
    let services = services();
    for name in ["migrate", "seed", "web"] {
        let service = &services[name];
        for variable in service["environment"].as_object().expect("variables").keys() {
            assert!(settings().contains(variable), "{name}: {variable}");
        }
        let words = service.get("command").and_then(Value::as_array).into_iter().flatten();
        let mut command = Command::new(env!("CARGO_BIN_EXE_web"));
        command.args(words.map(|word| word.as_str().expect("a word"))).arg("--help");
        assert!(command.output().expect("the binary starts").status.success(), "{name}");
    }
}

#[test]
fn two_servers_are_the_same_and_hear_each_other_over_nats_only_when_asked_to() {
    let services = services();
    assert_eq!(services["web"]["environment"], services["web-2"]["environment"]);
    assert_eq!(text(&services["web"], "/environment/NATS_URL"), "${NATS_URL:-}");
    assert!(services["nats"]["profiles"].as_array().expect("a list").contains(&"nats".into()));
    let called =
        "NATS_URL=nats://nats:4222 docker compose --file ops/compose.yaml --profile nats up";
    for document in ["ops/compose.yaml", "docs/deploy.md"] {
        assert!(read(document).contains(called), "{document}");
    }
}

#[test]
fn the_secret_is_long_enough_and_the_ports_are_this_machines() {
    let services = services();
    let secret = text(&services["web"], "/environment/SECRET_KEY_BASE");
    let default =
        secret.strip_prefix("${SECRET_KEY_BASE:-").and_then(|rest| rest.strip_suffix('}'));
    let default = default.expect("a default");
    assert!(default.len() >= 64 && SecretKeyBase::new(default).is_ok());
    for (name, service) in &services {
        let ports = service.get("ports").and_then(Value::as_array).into_iter().flatten();
        for port in ports {
            assert!(port.as_str().expect("text").starts_with("127.0.0.1:"), "{name}");
        }
    }
}

#[test]
fn the_database_is_the_one_that_is_made() {
    let services = services();
    let made = &services["postgres"]["environment"];
    let (user, password) = (text(made, "/POSTGRES_USER"), text(made, "/POSTGRES_PASSWORD"));
    let url = format!("postgres://{user}:{password}@postgres:5432/{}", text(made, "/POSTGRES_DB"));
    assert_eq!(text(&services["web"], "/environment/DATABASE_URL"), url);
}
