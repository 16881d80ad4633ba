//! Container images: pinned, without a shell, and set up by settings that exist.

use std::process::Command;

use super::{is_variable, path, read, settings, text, toml, yaml};

const DOCKERFILES: [&str; 3] = ["Dockerfile", "ops/grafana/Dockerfile", "ops/tempo/Dockerfile"];

/// The instructions of a Dockerfile, continued lines joined.
fn instructions(name: &str) -> Vec<String> {
    let joined = read(name).replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(ToOwned::to_owned).collect()
}

/// What follows `keyword` in each instruction that begins with it.
fn arguments(name: &str, keyword: &str) -> Vec<String> {
    let instructions = instructions(name);
    let found =
        instructions.iter().filter_map(|line| line.strip_prefix(keyword)?.strip_prefix(' '));
    found.map(|rest| rest.trim().to_owned()).collect()
}

/// The variables that the `ENV` instructions set.
fn environment(name: &str) -> Vec<String> {
    let settings = arguments(name, "ENV").join(" ");
    let pairs = settings.split_whitespace().filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_image_has_a_version() {
    let mut images: Vec<String> = Vec::new();
    for name in DOCKERFILES {
        let stages: Vec<_> = arguments(name, "FROM");
        let names: Vec<_> =
            stages.iter().filter_map(|stage| Some(stage.split_once(" AS ")?.1)).collect();
        let bases = stages.iter().map(|stage| stage.split(' ').next().unwrap_or_default());
        images.extend(bases.filter(|base| !names.contains(base)).map(ToOwned::to_owned));
    }
    let compose = yaml("ops/compose.yaml");
    let services = compose["services"].as_object().expect("services");
    images.extend(services.values().filter_map(|service| Some(service["image"].as_str()?.into())));
    assert!(images.len() > 5, "{images:?}");
    for image in images {
        let (repository, tag) = image.rsplit_once(':').unwrap_or((&image, ""));
        let has_version = format!("{repository}:{tag}").bytes().any(|b| b.is_ascii_digit());
        assert!(has_version && !tag.is_empty() && !tag.contains("latest"), "{image}");
    }
}

#[test]
fn tools_of_the_build_have_versions_and_keep_to_the_lock_files() {
    for run in arguments("Dockerfile", "RUN") {
        if run.starts_with("cargo install") {
            assert!(run.contains("--locked --version "), "{run}");
        }
        if run.starts_with("cargo build") || run.starts_with("cargo chef cook") {
            assert!(run.contains("--release --locked --package web"), "{run}");
        }
        assert!(!run.starts_with("npm") || run.starts_with("npm ci --ignore-scripts"), "{run}");
    }
}

#[test]
fn the_builder_has_the_toolchain_of_the_workspace() {
    let toolchain = toml("rust-toolchain.toml");
    let channel = text(&toolchain, "/toolchain/channel");
    assert!(arguments("Dockerfile", "ENV").contains(&format!("RUSTUP_TOOLCHAIN={channel}")));
    let base = format!("rust:{channel}-slim-trixie AS chef");
    assert!(arguments("Dockerfile", "FROM").contains(&base), "{base}");
}

#[test]
fn the_builder_and_the_final_image_share_a_c_library() {
    let stages = arguments("Dockerfile", "FROM");
    let last = stages.last().expect("a final stage");
    // Debian 13 is trixie.
    assert_eq!(last, "gcr.io/distroless/cc-debian13:nonroot");
    assert!(stages.iter().any(|stage| stage.starts_with("rust:") && stage.contains("-trixie")));
}

#[test]
fn the_image_is_set_up_by_settings_that_exist() {
    let of_the_build = ["RUSTUP_TOOLCHAIN", "LIVE_VIEW_CLIENT_DIR"];
    for variable in environment("Dockerfile") {
        let known = settings().contains(&variable) || of_the_build.contains(&&*variable);
        assert!(known && is_variable(&variable), "{variable}");
    }
    assert!(read("crates/belvedere/build.rs").contains("\"LIVE_VIEW_CLIENT_DIR\""));
}

#[test]
fn grafana_is_set_up_by_its_sections() {
    let sections = ["ANALYTICS", "DASHBOARDS", "PLUGINS", "SERVER"];
    for variable in environment("ops/grafana/Dockerfile") {
        let section = variable.strip_prefix("GF_").and_then(|rest| rest.split('_').next());
        let known = variable == "TEMPO_URL" || section.is_some_and(|s| sections.contains(&s));
        assert!(known, "{variable}");
    }
}

#[test]
fn programs_are_started_without_a_shell() {
    for name in DOCKERFILES {
        for keyword in ["ENTRYPOINT", "CMD"] {
            for words in arguments(name, keyword) {
                let words: Vec<String> = serde_json::from_str(&words).expect("a list of words");
                assert!(!words.is_empty(), "{name}");
            }
        }
    }
    assert_eq!(arguments("Dockerfile", "ENTRYPOINT"), ["[\"/web\"]"]);
    assert_eq!(arguments("ops/tempo/Dockerfile", "CMD"), ["[\"-config.file=/etc/tempo.yaml\"]"]);
    assert_eq!(arguments("Dockerfile", "USER"), ["nonroot"]);
}

#[test]
fn what_is_copied_from_the_workspace_is_there_and_not_ignored() {
    for (name, folder) in DOCKERFILES.into_iter().zip(["", "ops/grafana", "ops/tempo"]) {
        for copied in arguments(name, "COPY") {
            let mut words: Vec<_> = copied.split_whitespace().collect();
            words.pop();
            if !copied.starts_with("--from") {
                for word in words {
                    assert!(path(folder).join(word).exists(), "{name}: {word}");
                }
            }
        }
    }
    // The build context is named entry by entry, so a new folder of sources has to be added.
    let context = read(".dockerignore");
    for line in context.lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(path(line).exists(), "{line}");
    }
    for needed in ["Cargo.toml", "Cargo.lock", "crates", "migrations", "assets/css", "assets/js"] {
        assert!(context.lines().any(|line| line == format!("!{needed}")), "{needed}");
    }
}

#[test]
fn lock_files_have_no_download_addresses() {
    for folder in ["crates/belvedere/client", "assets"] {
        assert!(!read(&format!("{folder}/package-lock.json")).contains("\"resolved\""), "{folder}");
        assert!(read(&format!("{folder}/.npmrc")).contains("omit-lockfile-registry-resolved=true"));
    }
    let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let lock = read("Cargo.lock");
    let mut sources = lock.lines().filter(|line| line.starts_with("source ="));
    assert!(sources.all(|source| source == registry), "a package from elsewhere");
}

#[test]
fn the_script_of_continuous_integration_is_one() {
    let checked = Command::new("bash").arg("-n").arg(path(".ci/run")).status();
    assert!(checked.expect("bash runs").success());
    let script = read(".ci/run");
    assert_eq!(script.lines().last(), Some("cargo test"), "the tests' summary comes last");
}
