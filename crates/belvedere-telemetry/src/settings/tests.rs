//! What the environment may say, and what comes of it.

use std::time::Duration;

use super::{Compression, LogFormat, Protocol, Sampling, Settings, SettingsError};

fn read(vars: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::from_vars("web", |name| {
        vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
}

fn endpoint(vars: &[(&str, &str)]) -> String {
    read(vars).unwrap().collector.unwrap().endpoint.to_string()
}

fn error(vars: &[(&str, &str)]) -> String {
    read(vars).unwrap_err().to_string()
}

fn resource(vars: &[(&str, &str)]) -> Vec<(String, String)> {
    read(vars).unwrap().resource
}

#[test]
fn an_empty_environment_exports_nothing() {
    for vars in [&[][..], &[("OTEL_EXPORTER_OTLP_ENDPOINT", " "), ("OTLP_ENDPOINT", "")]] {
        let settings = read(vars).unwrap();
        assert!(settings.collector.is_none() && !settings.disabled);
        assert_eq!(settings.sampling, Sampling { ratio: 1.0, parent_based: true });
        assert_eq!(settings.log_format, LogFormat::Text);
    }
}

#[test]
fn a_base_url_gets_the_path_of_traces_over_http() {
    let expected = "http://tempo:4318/v1/traces";
    for variable in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTLP_ENDPOINT"] {
        assert_eq!(endpoint(&[(variable, "http://tempo:4318")]), expected);
        assert_eq!(endpoint(&[(variable, "http://tempo:4318/")]), expected);
        assert_eq!(endpoint(&[(variable, "https://host/otlp")]), "https://host/otlp/v1/traces");
    }
}

#[test]
fn grpc_and_the_signals_own_endpoint_are_taken_as_they_are() {
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    assert_eq!(endpoint(&[("OTLP_ENDPOINT", "http://[::1]:4317"), grpc]), "http://[::1]:4317/");
    let signal = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://host:1/in");
    assert_eq!(endpoint(&[signal]), "http://host:1/in");
}

#[test]
fn otel_variables_win_over_otlp_endpoint_and_the_signals_own_over_all() {
    let ours = ("OTLP_ENDPOINT", "http://ours");
    let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://base");
    let signal = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://signal/");
    assert_eq!(endpoint(&[ours, base]), "http://base/v1/traces");
    assert_eq!(endpoint(&[ours, base, signal]), "http://signal/");
    assert_eq!(endpoint(&[ours, signal]), "http://signal/");
}

#[test]
fn an_endpoint_that_is_no_http_url_is_refused() {
    for url in ["localhost:4318", "tempo", "ftp://host", "http://", "http:///path", "http://a b"] {
        let message = error(&[("OTLP_ENDPOINT", url)]);
        assert!(message.starts_with(&format!("OTLP_ENDPOINT is `{url}`")), "{message}");
    }
}

#[test]
fn other_protocols_are_refused_by_name() {
    assert_eq!(
        error(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]),
        "OTEL_EXPORTER_OTLP_PROTOCOL is `http/json`, but must be `http/protobuf` or `grpc`"
    );
    let settings = read(&[
        ("OTLP_ENDPOINT", "http://host"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
    ]);
    assert_eq!(settings.unwrap().collector.unwrap().protocol, Protocol::Grpc);
}

#[test]
fn headers_timeout_compression_and_authorities_are_read() {
    let settings = read(&[
        ("OTLP_ENDPOINT", "https://host"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20YQ==, x-scope-orgid = 1,"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("SSL_CERT_FILE", "/etc/ca.pem"),
    ]);
    let collector = settings.unwrap().collector.unwrap();
    let headers: Vec<_> = collector.headers.iter().map(|(n, v)| (n.as_str(), v)).collect();
    assert_eq!(headers[0].0, "authorization");
    assert_eq!(headers[0].1, "Basic YQ==");
    assert_eq!((headers[1].0, headers[1].1.to_str().unwrap()), ("x-scope-orgid", "1"));
    assert_eq!(collector.timeout, Duration::from_millis(2500));
    assert_eq!(collector.compression, Compression::Gzip);
    assert_eq!(collector.authorities.unwrap().to_str(), Some("/etc/ca.pem"));
}

/// Every setting of a receiver, for traces alone, then for metrics alone, then for both.
fn per_signal(which: &str, words: [&str; 5]) -> Vec<(String, String)> {
    let names = ["HEADERS", "PROTOCOL", "TIMEOUT", "COMPRESSION", "CERTIFICATE"];
    let name = |name: &str| format!("OTEL_EXPORTER_OTLP_{which}{name}");
    names.into_iter().zip(words).map(|(n, word)| (name(n), word.to_owned())).collect()
}

#[test]
fn each_signal_has_its_own_settings_which_beat_the_general_and_reach_no_other() {
    let general = per_signal("", ["a=general", "http/protobuf", "1000", "none", "/general.pem"]);
    let traces = per_signal("TRACES_", ["a=traces", "grpc", "2000", "gzip", "/traces.pem"]);
    let metrics = per_signal("METRICS_", ["a=metrics", "grpc", "3000", "gzip", "/metrics.pem"]);
    let shown = |vars: &[&[(String, String)]]| {
        let mut vars: Vec<_> = vars.iter().flat_map(|vars| vars.iter()).collect();
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), "https://host".to_owned());
        vars.push(&endpoint);
        let vars: Vec<_> = vars.into_iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let settings = read(&vars).unwrap();
        [settings.collector.unwrap(), settings.metrics.unwrap().collector].map(|collector| {
            let header = collector.headers.first().map(|(_, value)| value.to_str().unwrap());
            format!(
                "{header:?} {} {:?} {:?} {:?}",
                collector.protocol.as_str(),
                collector.timeout,
                collector.compression,
                collector.authorities,
            )
        })
    };
    let default = "None http/protobuf 10s None None";
    let of = |name: &str, protocol: &str, seconds: u32, compression: &str| {
        format!(r#"Some("{name}") {protocol} {seconds}s {compression} Some("/{name}.pem")"#)
    };
    let (of_traces, of_metrics) =
        (of("traces", "grpc", 2, "Gzip"), of("metrics", "grpc", 3, "Gzip"));
    let of_both = of("general", "http/protobuf", 1, "None");
    assert_eq!(shown(&[&traces]), [of_traces.as_str(), default]);
    assert_eq!(shown(&[&metrics]), [default, of_metrics.as_str()]);
    assert_eq!(shown(&[&general]), [of_both.as_str(), of_both.as_str()]);
    assert_eq!(shown(&[&general, &traces]), [of_traces.as_str(), of_both.as_str()]);
    assert_eq!(shown(&[&general, &traces, &metrics]), [of_traces, of_metrics]);
}

#[test]
fn grpc_takes_an_address_without_a_scheme_which_is_tls_unless_said_otherwise() {
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let host = ("OTEL_EXPORTER_OTLP_ENDPOINT", "tempo:4317");
    let insecure = |value| ("OTEL_EXPORTER_OTLP_INSECURE", value);
    let own = |value| ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", value);
    assert_eq!(endpoint(&[grpc, host]), "https://tempo:4317/");
    assert_eq!(endpoint(&[grpc, host, insecure("True")]), "http://tempo:4317/");
    assert_eq!(endpoint(&[grpc, host, insecure("true"), own("false")]), "https://tempo:4317/");
    assert!(error(&[grpc, host, insecure("1")]).contains("`true` or `false`"));
    let with_scheme = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://tempo:4317");
    assert_eq!(endpoint(&[grpc, with_scheme, insecure("false")]), "http://tempo:4317/");
}

#[test]
fn a_clients_certificate_comes_with_its_key() {
    let endpoint = ("OTLP_ENDPOINT", "https://host");
    let certificate = ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/me.pem");
    let key = ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "/me.key");
    let settings = read(&[endpoint, ("OTEL_METRICS_EXPORTER", "none"), certificate, key]).unwrap();
    let identity = settings.collector.unwrap().identity.unwrap();
    assert_eq!((identity.certificate, identity.key), ("/me.pem".into(), "/me.key".into()));
    assert_eq!(
        error(&[endpoint, key]),
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY is set, but OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is \
         not; set both, or neither"
    );
}

#[test]
fn a_header_is_shown_neither_in_errors_nor_in_debug_output() {
    let endpoint = ("OTLP_ENDPOINT", "http://host");
    let settings = read(&[endpoint, ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hush")]);
    assert!(!format!("{:?}", settings.unwrap()).contains("hush"));
    for list in ["a=b,hush", "a=b,=hush", "a=b,hu sh=1", "a=b,c=hush%0a"] {
        let message = error(&[endpoint, ("OTEL_EXPORTER_OTLP_HEADERS", list)]);
        assert!(message.starts_with("entry 2 of OTEL_EXPORTER_OTLP_HEADERS"), "{message}");
        assert!(!message.contains("hush"), "{message}");
    }
}

#[test]
fn the_service_name_is_ours_only_where_the_environment_has_none() {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(resource(&[]), [pair("service.name", "web")]);
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "a=1%2C2,service.name=listed");
    assert_eq!(resource(&[attributes]), [pair("a", "1,2"), pair("service.name", "listed")]);
    let named = ("OTEL_SERVICE_NAME", "named");
    assert_eq!(resource(&[named]), [pair("service.name", "named")]);
    assert_eq!(resource(&[attributes, named])[1], pair("service.name", "named"));
}

#[test]
fn samplers_go_by_their_standard_names() {
    let sampling = |name, ratio| {
        let vars = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", ratio)];
        let Sampling { ratio, parent_based } = read(&vars).unwrap().sampling;
        (ratio, parent_based)
    };
    assert_eq!(sampling("always_on", "0.5"), (1.0, false));
    assert_eq!(sampling("parentbased_always_off", ""), (0.0, true));
    assert_eq!(sampling("traceidratio", "0.25"), (0.25, false));
    assert_eq!(sampling("parentbased_traceidratio", "0.1"), (0.1, true));
    assert_eq!(sampling("parentbased_traceidratio", ""), (1.0, true));
}

#[test]
fn what_cannot_be_understood_is_named() {
    for (variable, value) in [
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_SCHEDULE_DELAY", "5s"),
        ("LOG_FORMAT", "xml"),
        ("RUST_LOG", "info,web=loud"),
    ] {
        let message = error(&[(variable, value)]);
        let start = format!("{variable} is `{value}`, but must be ");
        assert!(message.starts_with(&start), "{message}");
    }
    let ratio = ("OTEL_TRACES_SAMPLER", "traceidratio");
    assert!(error(&[ratio, ("OTEL_TRACES_SAMPLER_ARG", "10")]).contains("a ratio from 0 to 1"));
    let endpoint = ("OTLP_ENDPOINT", "http://host");
    let zstd = ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd");
    assert!(error(&[endpoint, zstd]).contains("`none` or `gzip`"));
}

#[test]
fn complaints_of_what_is_said_elsewhere_are_silenced_unless_asked_for() {
    use tracing::Level;
    for target in ["opentelemetry_sdk", "async_nats"] {
        let error_shown = |vars: &[(&str, &str)]| {
            let filter = read(vars).unwrap().log_filter;
            filter.would_enable(target, &Level::ERROR)
        };
        assert!(!error_shown(&[]));
        assert!(!error_shown(&[("RUST_LOG", "debug")]));
        assert!(error_shown(&[("RUST_LOG", &format!("debug,{target}=error"))]));
    }
}

#[test]
fn telemetry_can_be_switched_off() {
    assert!(read(&[("OTEL_SDK_DISABLED", "TRUE")]).unwrap().disabled);
    assert!(!read(&[("OTEL_SDK_DISABLED", "1")]).unwrap().disabled);
    let none = [("OTEL_TRACES_EXPORTER", "none"), ("OTLP_ENDPOINT", "http://host")];
    assert!(read(&none).unwrap().collector.is_none());
}

#[test]
fn the_n_plus_one_threshold_is_a_number_from_two_on() {
    let threshold =
        |value| read(&[("N_PLUS_ONE_THRESHOLD", value)]).map(|s| s.n_plus_one_threshold);
    assert_eq!(threshold("").unwrap(), 3);
    assert_eq!(threshold("10").unwrap(), 10);
    for value in ["1", "-3", "many"] {
        let expected =
            format!("N_PLUS_ONE_THRESHOLD is `{value}`, but must be a number of queries from 2 on");
        assert_eq!(threshold(value).unwrap_err().to_string(), expected);
    }
}
