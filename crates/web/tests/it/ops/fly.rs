//! The applications on Fly.io: documented keys, one set of names, addresses that exist.

use http::StatusCode;

use super::{assert_documented, list, read, settings, text, toml, yaml};
use crate::http::App;

/// Keys of Fly.io's configuration reference, of which the files may be made.
const DOCUMENTED: [&str; 34] = [
    "app",
    "build.dockerfile",
    "build.image",
    "checks.*.grace_period",
    "checks.*.interval",
    "checks.*.method",
    "checks.*.path",
    "checks.*.port",
    "checks.*.timeout",
    "checks.*.type",
    "deploy.release_command",
    "deploy.strategy",
    "env.*",
    "http_service.auto_start_machines",
    "http_service.auto_stop_machines",
    "http_service.checks.grace_period",
    "http_service.checks.interval",
    "http_service.checks.method",
    "http_service.checks.path",
    "http_service.checks.timeout",
    "http_service.concurrency.hard_limit",
    "http_service.concurrency.soft_limit",
    "http_service.concurrency.type",
    "http_service.force_https",
    "http_service.internal_port",
    "http_service.min_machines_running",
    "kill_signal",
    "kill_timeout",
    "mounts.destination",
    "mounts.initial_size",
    "mounts.source",
    "primary_region",
    "vm.memory",
    "vm.size",
];

const FILES: [&str; 4] =
    ["fly.toml", "ops/grafana/fly.toml", "ops/nats/fly.toml", "ops/tempo/fly.toml"];

#[test]
fn keys_are_those_of_the_reference() {
    for name in FILES {
        assert_documented(name, &toml(name), &DOCUMENTED);
    }
}

#[test]
fn the_applications_find_each_other() {
    let web = toml("fly.toml");
    let name = text(&web, "/app");
    assert_eq!(text(&toml("ops/tempo/fly.toml"), "/app"), format!("{name}-tempo"));
    assert_eq!(text(&toml("ops/nats/fly.toml"), "/app"), format!("{name}-nats"));
    assert!(read("docs/deploy.md").contains("NATS_URL=\"nats://$APP-nats.internal:4222\""));
    let grafana = toml("ops/grafana/fly.toml");
    assert_eq!(text(&grafana, "/app"), format!("{name}-grafana"));
    let spans = text(&web, "/env/OTEL_EXPORTER_OTLP_ENDPOINT");
    assert_eq!(spans, format!("http://{name}-tempo.internal:4318"));
    let queries = text(&grafana, "/env/TEMPO_URL");
    assert_eq!(queries, format!("http://{name}-tempo.internal:3200"));
    assert_eq!(text(&web, "/env/PUBLIC_URL"), format!("https://{name}.fly.dev"));
    assert!(read("docs/deploy.md").contains(&format!("export APP={name} ")));
}

#[test]
fn the_environment_is_made_of_settings() {
    let web = toml("fly.toml");
    for variable in web["env"].as_object().expect("variables").keys() {
        assert!(settings().contains(variable), "{variable}");
    }
}

#[test]
fn only_the_application_is_public() {
    for name in FILES {
        let file = toml(name);
        let is_public = ["http_service", "services"].iter().any(|key| file.get(key).is_some());
        assert_eq!(is_public, name == "fly.toml", "{name}");
        assert_eq!(text(&file, "/kill_signal"), "SIGTERM", "{name}");
    }
}

#[test]
fn the_proxy_reaches_the_port_of_the_image() {
    let port = &toml("fly.toml")["http_service"]["internal_port"];
    assert!(read("Dockerfile").contains(&format!("PORT={port} ")));
    assert!(read("Dockerfile").contains(&format!("EXPOSE {port}\n")));
    let published = &yaml("ops/compose.yaml")["services"]["web"]["ports"][0];
    assert_eq!(published, &format!("127.0.0.1:4000:{port}"));
}

#[test]
fn there_is_time_to_stop() {
    let limit = toml("fly.toml")["kill_timeout"].as_u64().expect("seconds");
    assert!(limit > 10, "a stop takes ten seconds at most");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checked_address_is_answered() {
    let app = App::start().await;
    for check in list(&toml("fly.toml"), "/http_service/checks") {
        assert_eq!(app.get(text(check, "/path")).await.status(), StatusCode::OK);
    }
}

#[test]
fn volumes_hold_what_the_images_keep() {
    let tempo = yaml("ops/tempo/tempo.yaml");
    let mounted = toml("ops/tempo/fly.toml");
    let folder = format!("{}/", text(&mounted, "/mounts/destination"));
    for pointer in ["/storage/trace/wal/path", "/storage/trace/local/path"] {
        assert!(text(&tempo, pointer).starts_with(&folder), "{pointer}");
    }
    assert_eq!(text(&toml("ops/grafana/fly.toml"), "/mounts/destination"), "/var/lib/grafana");
}
