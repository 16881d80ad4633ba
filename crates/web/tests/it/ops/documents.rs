//! What the documents say of spans, attributes, settings and names, against the sources.

use std::collections::BTreeSet;

use super::{is_variable, path, read, settings};

/// Where attribute keys are spelled, and the heading under which their table is.
const ATTRIBUTES: [(&str, &str); 3] = [
    ("crates/belvedere-telemetry/src/n_plus_one.rs", "### Attributes of a callback's queries"),
    ("crates/belvedere/src/telemetry/attribute.rs", "### Attributes of the runtime"),
    ("crates/belvedere-diesel/src/trace/attributes.rs", "### Attributes of queries"),
];

/// The keys that a source of constants spells. Other constants there hold words without a dot.
fn keys_in(source: &str) -> Vec<String> {
    let source = read(source);
    let constants = source.split("pub const ").skip(1);
    let values = constants.filter_map(|constant| constant.split('"').nth(1));
    let is_key = |value: &&str| value.contains('.') || value.ends_with("_us");
    values.filter(is_key).map(ToOwned::to_owned).collect()
}

/// Every attribute the application writes.
pub(super) fn attribute_keys() -> Vec<String> {
    ATTRIBUTES.iter().flat_map(|(source, _)| keys_in(source)).collect()
}

/// The text below a heading, up to the next of the same depth or a higher one.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, rest) =
        document.split_once(&format!("{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let ends = ["\n# ", "\n## ", "\n### "].iter().filter_map(|next| rest.find(next));
    &rest[..ends.min().unwrap_or(rest.len())]
}

/// What stands in backticks in the first column of a section's table, without its head.
fn first_column(section: &str) -> Vec<String> {
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells = rows.map(|row| row.split('|').nth(1).unwrap_or_default());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(ToOwned::to_owned).collect()
}

fn observability() -> String {
    read("docs/observability.md")
}

/// The TraceQL of the documents.
pub(super) fn traceql() -> Vec<String> {
    let text = observability();
    let blocks = text.split("```traceql\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    lines.map(ToOwned::to_owned).collect()
}

#[test]
fn each_block_of_traceql_is_one_query_that_can_be_copied_whole() {
    let text = observability();
    let blocks: Vec<_> = text.split("```traceql\n").skip(1).collect();
    assert!(blocks.len() > 15, "{}", blocks.len());
    for block in blocks {
        let query = block.split("```").next().unwrap_or_default();
        assert_eq!(query.trim_end().lines().count(), 1, "{query}");
    }
}

#[test]
fn tables_list_exactly_the_attributes_that_exist() {
    for (source, heading) in ATTRIBUTES {
        let mut listed = first_column(section(&observability(), heading));
        let mut existing = keys_in(source);
        assert!(existing.len() >= 5, "{source}");
        listed.sort();
        existing.sort();
        assert_eq!(listed, existing, "{heading} and {source}");
    }
}

#[test]
fn the_table_of_metrics_lists_exactly_those_that_exist() {
    let mut listed = first_column(section(&observability(), "## Metrics"));
    let mut existing = keys_in("crates/belvedere/src/telemetry/metric.rs");
    let of_the_queue = keys_in("crates/belvedere-telemetry/src/export/figures.rs").into_iter();
    existing.extend(of_the_queue.filter(|key| key != "error.type"));
    let of_the_pool = keys_in("crates/belvedere-diesel/src/repo/metrics.rs").into_iter();
    let is_label = |key: &String| key.ends_with(".pool.name") || key.ends_with(".state");
    existing.extend(of_the_pool.filter(|key| !is_label(key)));
    listed.sort();
    existing.sort();
    assert_eq!(listed, existing);
}

#[test]
fn spans_are_described_by_attributes_that_exist() {
    let text = observability();
    let keys = attribute_keys();
    for row in section(&text, "## Spans").lines().filter(|line| line.starts_with('|')).skip(2) {
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        for key in last.split('`').skip(1).step_by(2) {
            assert!(keys.iter().any(|existing| existing == key), "{key}");
        }
    }
}

#[test]
fn every_setting_of_telemetry_is_documented() {
    let listed: BTreeSet<_> =
        first_column(section(&observability(), "## Settings")).into_iter().collect();
    let of_the_application = |name: &String| {
        [
            "HOST",
            "PORT",
            "NATS_URL",
            "SNAPSHOT_STORE",
            "SECRET_KEY_BASE",
            "SECRET_KEY_BASE_ACCEPTED",
            "PUBLIC_URL",
            "MAX_CONNECTIONS",
            "DATABASE_CONNECTIONS",
            "READ_ONLY",
            "CLIENT_ADDRESS_HEADER",
            "STOP_SECONDS",
        ]
        .contains(&&**name)
            || name.ends_with("DATABASE_URL")
    };
    let existing: BTreeSet<_> = settings().into_iter().filter(|n| !of_the_application(n)).collect();
    assert_eq!(listed, existing);
}

#[test]
fn documents_speak_of_settings_and_files_that_exist() {
    // Set for Grafana, or by the reader for the commands.
    let others = ["GF_SECURITY_ADMIN_PASSWORD", "LIVE_VIEW_CLIENT_DIR"];
    for name in ["docs/deploy.md", "docs/observability.md"] {
        let text = read(name);
        let code = text.split('`').skip(1).step_by(2).flat_map(|code| code.split(['=', ' ', '\n']));
        for word in code.filter(|word| is_variable(word) && word.contains('_')) {
            assert!(settings().contains(word) || others.contains(&word), "{name}: {word}");
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            let is_local = !file.is_empty() && !file.starts_with("http");
            assert!(!is_local || path("docs").join(file).exists(), "{name}: {link}");
        }
        for folder in ["ops/", "fly.toml"] {
            let words = text.split(|c: char| c.is_whitespace() || "`()|,".contains(c));
            for file in words.filter(|word| word.starts_with(folder)) {
                assert!(path(file.trim_end_matches(['.', ';', ':'])).exists(), "{name}: {file}");
            }
        }
    }
}

/// The commands of the deployment.
fn commands() -> Vec<String> {
    let text = read("docs/deploy.md");
    let blocks = text.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.flat_map(str::lines).map(ToOwned::to_owned).collect()
}

#[test]
fn commands_can_be_pasted_as_they_are() {
    // What a reader has to replace is read as a redirection, or stored as it stands.
    for command in commands() {
        assert!(!command.contains('<'), "{command}");
    }
}

#[test]
fn the_metric_of_queries_has_the_labels_of_a_failed_one() {
    let text = observability();
    let row = text.lines().find(|line| line.starts_with("| `db.client.operation.duration`"));
    let labels: Vec<_> = row.expect("a row").split('`').skip(1).step_by(2).collect();
    for label in ["db.response.status_code", "error.type"] {
        assert!(labels.contains(&label), "{label}");
    }
}

#[test]
fn every_command_of_the_deployment_is_one_of_flys() {
    let known = [
        "fly apps create",
        "fly auth login",
        "fly certs add",
        "fly deploy",
        "fly logs",
        "fly machine exec",
        "fly machine list",
        "fly mpg attach",
        "fly mpg create",
        "fly mpg list",
        "fly proxy",
        "fly scale count",
        "fly secrets set",
    ];
    let mut n_commands = 0;
    for line in commands() {
        for command in line.match_indices("fly ").map(|(at, _)| &line[at..]) {
            n_commands += 1;
            assert!(known.iter().any(|known| command.starts_with(known)), "{command}");
        }
    }
    assert!(n_commands > 10, "{n_commands}");
}
