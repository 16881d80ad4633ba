//! Grafana's data source and dashboard.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{assert_documented, json, list, read, text, yaml};

/// Keys of Grafana's provisioning documents, those of the Tempo data source among them.
const DATA_SOURCES: [&str; 16] = [
    "apiVersion",
    "datasources.access",
    "datasources.editable",
    "datasources.isDefault",
    "datasources.jsonData.nodeGraph.enabled",
    "datasources.jsonData.search.filters.id",
    "datasources.jsonData.search.filters.operator",
    "datasources.jsonData.search.filters.scope",
    "datasources.jsonData.search.filters.tag",
    "datasources.jsonData.spanBar.tag",
    "datasources.jsonData.spanBar.type",
    "datasources.jsonData.streamingEnabled.search",
    "datasources.name",
    "datasources.type",
    "datasources.uid",
    "prune",
];

const PROVIDERS: [&str; 6] = [
    "apiVersion",
    "providers.allowUiUpdates",
    "providers.name",
    "providers.options.path",
    "providers.type",
    "providers.updateIntervalSeconds",
];

/// Keys of a query as the Tempo data source defines it.
const QUERY: [&str; 13] = [
    "datasource.type",
    "datasource.uid",
    "exemplars",
    "filters",
    "hide",
    "limit",
    "metricsQueryType",
    "query",
    "queryType",
    "refId",
    "spss",
    "step",
    "tableType",
];

const DASHBOARD: &str = "ops/grafana/dashboards/live-views.json";

/// The queries of all panels; expressions over them are left out.
fn tempo_queries(dashboard: &Value) -> Vec<Value> {
    let panels = list(dashboard, "/panels").iter();
    let targets = panels.flat_map(|panel| list(panel, "/targets"));
    targets.filter(|target| target["datasource"]["type"] == "tempo").cloned().collect()
}

/// The TraceQL of the dashboard, its variables filled in.
pub(super) fn traceql() -> Vec<String> {
    let dashboard = json(DASHBOARD);
    let queries = tempo_queries(&dashboard).into_iter();
    let queries = queries.map(|query| {
        let query = text(&query, "/query").replace("$service", "belvedere-web");
        query.replace("$slowerThan", "200us")
    });
    queries.filter(|query| query != "${traceId}").collect()
}

#[test]
fn provisioning_has_documented_keys() {
    let sources = yaml("ops/grafana/provisioning/datasources/tempo.yaml");
    let documented: Vec<_> = DATA_SOURCES.into_iter().chain(["datasources.url"]).collect();
    assert_documented("tempo.yaml", &sources, &documented);
    let providers = yaml("ops/grafana/provisioning/dashboards/dashboards.yaml");
    assert_documented("dashboards.yaml", &providers, &PROVIDERS);
    let folder = text(&providers, "/providers/0/options/path");
    assert!(read("ops/grafana/Dockerfile").contains(&format!("COPY dashboards {folder}\n")));
    assert!(
        read("ops/grafana/Dockerfile").contains("COPY provisioning /etc/grafana/provisioning\n")
    );
}

#[test]
fn the_address_of_tempo_is_a_setting() {
    let sources = yaml("ops/grafana/provisioning/datasources/tempo.yaml");
    assert_eq!(text(&sources, "/datasources/0/url"), "$TEMPO_URL");
    assert!(read("ops/grafana/Dockerfile").contains("TEMPO_URL=http://tempo:3200\n"));
}

#[test]
fn queries_go_to_the_provisioned_data_source() {
    let sources = yaml("ops/grafana/provisioning/datasources/tempo.yaml");
    let uid = text(&sources, "/datasources/0/uid");
    let dashboard = json(DASHBOARD);
    let queries = tempo_queries(&dashboard);
    assert!(queries.len() >= 8, "{}", queries.len());
    for query in queries {
        assert_documented(DASHBOARD, &query, &QUERY);
        assert_eq!(text(&query, "/datasource/uid"), uid);
        assert_eq!(text(&query, "/queryType"), "traceql");
        let table = query.get("tableType").and_then(Value::as_str);
        assert!(table.is_none_or(|table| ["traces", "spans", "raw"].contains(&table)));
    }
}

#[test]
fn expressions_name_queries_of_their_panel() {
    for panel in list(&json(DASHBOARD), "/panels") {
        let targets = list(panel, "/targets");
        let ids: BTreeSet<_> = targets.iter().map(|target| text(target, "/refId")).collect();
        assert_eq!(ids.len(), targets.len(), "{}", panel["title"]);
        for expression in targets.iter().filter_map(|target| target["expression"].as_str()) {
            for name in expression.split('$').skip(1) {
                assert!(ids.contains(&name[..1]), "{expression}");
            }
        }
    }
}

#[test]
fn panels_have_a_place_and_a_kind_that_grafana_has() {
    let dashboard = json(DASHBOARD);
    let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
    for panel in list(&dashboard, "/panels") {
        let kind = text(panel, "/type");
        assert!(["table", "timeseries", "traces"].contains(&kind), "{kind}");
        assert!(ids.insert(panel["id"].as_u64().expect("a number")), "{}", panel["title"]);
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|k| panel["gridPos"][k].as_u64().expect(k));
        assert!(x + w <= 24, "{}", panel["title"]);
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(cells.insert(cell), "{} overlaps another panel", panel["title"]);
        }
    }
}

#[test]
fn variables_are_declared_and_the_service_is_ours() {
    let dashboard = json(DASHBOARD);
    let declared = list(&dashboard, "/templating/list");
    let names: Vec<_> = declared.iter().map(|variable| text(variable, "/name")).collect();
    assert_eq!(names, ["service", "slowerThan", "traceId"]);
    let service = text(&declared[0], "/query");
    let command = read("crates/web/src/command.rs");
    assert!(command.contains(&format!("const SERVICE_NAME: &str = \"{service}\";")));
    let of_the_trace = tempo_queries(&dashboard).into_iter();
    assert_eq!(of_the_trace.filter(|query| query["query"] == "${traceId}").count(), 1);
}

/// A page of the demonstration takes 0.4 to 4 ms on one machine.
#[test]
fn the_slowest_pages_are_sorted_by_duration_and_those_of_the_demonstration_are_among_them() {
    let dashboard = json(DASHBOARD);
    let panels = list(&dashboard, "/panels");
    let panel = panels.iter().find(|panel| text(panel, "/title").starts_with("Slowest")).unwrap();
    let sorted = &panel["options"]["sortBy"][0];
    assert_eq!((&sorted["displayName"], &sorted["desc"]), (&"Duration".into(), &true.into()));
    assert!(text(panel, "/targets/0/query").contains("duration > $slowerThan"));
    let variables = list(&dashboard, "/templating/list");
    let threshold = variables.iter().find(|one| one["name"] == "slowerThan").unwrap();
    let microseconds = text(threshold, "/query").strip_suffix("us").unwrap();
    assert!(microseconds.parse::<u32>().unwrap() <= 400);
}

#[test]
fn estimated_quantiles_say_so() {
    let dashboard = json(DASHBOARD);
    let panels = list(&dashboard, "/panels").iter();
    let quantiles: Vec<_> = panels
        .filter(|panel| panel["targets"][0]["query"].as_str().unwrap().contains("quantile"))
        .collect();
    assert_eq!(quantiles.len(), 2);
    for panel in quantiles {
        assert!(text(panel, "/title").contains("estimated"), "{panel}");
        assert!(text(panel, "/description").contains("powers of two"), "{panel}");
    }
}
