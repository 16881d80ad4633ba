//! Where spans go and how: the variables of OTLP.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};

use super::{SettingsError, Vars, pairs};

/// An OTLP receiver of one signal.
///
/// Of each variable below there is one for traces and one for metrics as well, such as
/// `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, which beats the general one for its signal and says nothing
/// about the other.
#[derive(Clone, Debug)]
pub struct Collector {
    /// With HTTP the full URL spans are posted to, with gRPC the server; `http` or `https`.
    ///
    /// From `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` as it is, otherwise from the base URL in
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTLP_ENDPOINT`, to which HTTP adds `/v1/traces`. For gRPC
    /// `host:port` will do; it is TLS unless `OTEL_EXPORTER_OTLP_INSECURE` is `true`.
    pub endpoint: Uri,
    /// `OTEL_EXPORTER_OTLP_PROTOCOL`. Default: `http/protobuf`.
    pub protocol: Protocol,
    /// `OTEL_EXPORTER_OTLP_HEADERS`, sent with every batch. Values are marked sensitive, so they
    /// show in no log.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// `OTEL_EXPORTER_OTLP_TIMEOUT`, in milliseconds: how long a batch may take, its retries
    /// included. Default: ten seconds.
    pub timeout: Duration,
    /// `OTEL_EXPORTER_OTLP_COMPRESSION`. Default: none.
    pub compression: Compression,
    /// `OTEL_EXPORTER_OTLP_CERTIFICATE`, or else `SSL_CERT_FILE`: a PEM file with the authorities
    /// to trust instead of the system's.
    pub authorities: Option<PathBuf>,
    /// `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `OTEL_EXPORTER_OTLP_CLIENT_KEY`: who this process
    /// is, for a receiver that asks. Default: nobody.
    pub identity: Option<ClientIdentity>,
}

/// A certificate and its private key, for a receiver that wants to know its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentity {
    /// PEM file with the certificate and those between it and the authority.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
}

impl Collector {
    /// Spans over HTTP to `endpoint`, everything else by default.
    #[must_use]
    pub fn new(endpoint: Uri, protocol: Protocol) -> Self {
        Self {
            endpoint,
            protocol,
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            compression: Compression::None,
            authorities: None,
            identity: None,
        }
    }
}

/// Metrics and their receiver.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// As for spans, from the variables of metrics: `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` as it is,
    /// otherwise the base URL, to which HTTP adds `/v1/metrics`.
    pub collector: Collector,
    /// `OTEL_METRIC_EXPORT_INTERVAL`, in milliseconds: how often metrics are sent. Default: a
    /// minute.
    pub interval: Duration,
}

/// How spans travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// `http/protobuf`: one POST a batch, through any proxy.
    #[default]
    HttpProtobuf,
    /// `grpc`: HTTP/2 without a proxy in between.
    Grpc,
}

impl Protocol {
    /// The name the specification gives it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HttpProtobuf => "http/protobuf",
            Self::Grpc => "grpc",
        }
    }
}

/// Whether batches are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// They go as they are.
    #[default]
    None,
    /// They are compressed with gzip.
    Gzip,
}

/// The collector the variables name, if they name one.
pub(super) fn from_vars<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
) -> Result<Option<Collector>, SettingsError> {
    signal_from_vars(vars, &TRACES)
}

/// Metrics, if the variables name a receiver for them.
pub(super) fn metrics_from_vars<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
) -> Result<Option<Metrics>, SettingsError> {
    let Some(collector) = signal_from_vars(vars, &METRICS)? else {
        return Ok(None);
    };
    let interval = vars.milliseconds("OTEL_METRIC_EXPORT_INTERVAL")?;
    Ok(Some(Metrics { collector, interval: interval.unwrap_or(Duration::from_secs(60)) }))
}

/// The variables of one signal: its own, then the general one that it beats. So what is said for
/// traces alone, a password among it, never reaches the receiver of metrics.
struct Signal {
    exporter: &'static str,
    /// Below a base URL, for the HTTP protocol.
    path: &'static str,
    endpoint: &'static str,
    protocol: [&'static str; 2],
    headers: [&'static str; 2],
    timeout: [&'static str; 2],
    compression: [&'static str; 2],
    certificate: [&'static str; 2],
    client_certificate: [&'static str; 2],
    client_key: [&'static str; 2],
    insecure: [&'static str; 2],
}

const TRACES: Signal = Signal {
    exporter: "OTEL_TRACES_EXPORTER",
    path: "/v1/traces",
    endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    protocol: ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
    headers: ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout: ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
    compression: ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"],
    certificate: ["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"],
    client_certificate: [
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    ],
    client_key: ["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"],
    insecure: ["OTEL_EXPORTER_OTLP_TRACES_INSECURE", "OTEL_EXPORTER_OTLP_INSECURE"],
};

const METRICS: Signal = Signal {
    exporter: "OTEL_METRICS_EXPORTER",
    path: "/v1/metrics",
    endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    protocol: ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
    headers: ["OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout: ["OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
    compression: ["OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"],
    certificate: ["OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"],
    client_certificate: [
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    ],
    client_key: ["OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"],
    insecure: ["OTEL_EXPORTER_OTLP_METRICS_INSECURE", "OTEL_EXPORTER_OTLP_INSECURE"],
};

fn signal_from_vars<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    signal: &Signal,
) -> Result<Option<Collector>, SettingsError> {
    if !exporter_is_otlp(vars, signal.exporter)? {
        return Ok(None);
    }
    let protocol = protocol(vars, signal)?;
    let Some(endpoint) = endpoint(vars, protocol, signal)? else {
        return Ok(None);
    };
    let [certificate, general] = signal.certificate;
    let authorities = vars.first(&[certificate, general, "SSL_CERT_FILE"]);
    let defaults = Collector::new(endpoint, protocol);
    Ok(Some(Collector {
        headers: headers(vars, signal)?,
        timeout: timeout(vars, signal)?.unwrap_or(defaults.timeout),
        compression: compression(vars, signal)?,
        authorities: authorities.map(|(_, path)| path.into()),
        identity: identity(vars, signal)?,
        ..defaults
    }))
}

fn exporter_is_otlp<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    variable: &'static str,
) -> Result<bool, SettingsError> {
    match vars.get(variable) {
        None => Ok(true),
        Some(value) if value == "otlp" => Ok(true),
        Some(value) if value == "none" => Ok(false),
        Some(value) => {
            Err(SettingsError::Unsupported { variable, value, expected: "`otlp` or `none`" })
        }
    }
}

fn protocol<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    signal: &Signal,
) -> Result<Protocol, SettingsError> {
    let Some((variable, value)) = vars.first(&signal.protocol) else {
        return Ok(Protocol::default());
    };
    [Protocol::HttpProtobuf, Protocol::Grpc]
        .into_iter()
        .find(|protocol| protocol.as_str() == value)
        .ok_or(SettingsError::Unsupported {
            variable,
            value,
            expected: "`http/protobuf` or `grpc`",
        })
}

fn endpoint<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    protocol: Protocol,
    signal: &Signal,
) -> Result<Option<Uri>, SettingsError> {
    let set = vars.first(&[signal.endpoint, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTLP_ENDPOINT"]);
    let Some((variable, value)) = set else {
        return Ok(None);
    };
    let is_base = variable != signal.endpoint;
    let full = match protocol {
        Protocol::HttpProtobuf if is_base => {
            format!("{}{}", value.trim_end_matches('/'), signal.path)
        }
        // The specification's own form of an address for gRPC: `tempo:4317`.
        Protocol::Grpc if !value.contains("://") => {
            let scheme = if is_insecure(vars, signal)? { "http" } else { "https" };
            format!("{scheme}://{value}")
        }
        Protocol::HttpProtobuf | Protocol::Grpc => value.clone(),
    };
    let expected = "a URL such as `http://localhost:4318`";
    let parsed = full.parse::<Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    });
    match parsed {
        Some(uri) => Ok(Some(uri)),
        None => Err(SettingsError::Unsupported { variable, value, expected }),
    }
}

/// Asked only where the address does not say it by its scheme.
fn is_insecure<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    signal: &Signal,
) -> Result<bool, SettingsError> {
    match vars.first(&signal.insecure) {
        None => Ok(false),
        Some((_, value)) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some((_, value)) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some((variable, value)) => {
            Err(SettingsError::Unsupported { variable, value, expected: "`true` or `false`" })
        }
    }
}

fn headers<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    signal: &Signal,
) -> Result<Vec<(HeaderName, HeaderValue)>, SettingsError> {
    let Some((variable, list)) = vars.first(&signal.headers) else {
        return Ok(Vec::new());
    };
    let pairs = pairs(variable, &list)?;
    pairs
        .into_iter()
        .enumerate()
        .map(|(index, (name, value))| {
            let malformed = SettingsError::Entry { variable, entry: index + 1 };
            let (Ok(name), Ok(mut value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            else {
                return Err(malformed);
            };
            value.set_sensitive(true);
            Ok((name, value))
        })
        .collect()
}

fn timeout<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    signal: &Signal,
) -> Result<Option<Duration>, SettingsError> {
    let [own, general] = signal.timeout;
    match vars.milliseconds(own)? {
        Some(timeout) => Ok(Some(timeout)),
        None => vars.milliseconds(general),
    }
}

fn compression<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    signal: &Signal,
) -> Result<Compression, SettingsError> {
    match vars.first(&signal.compression) {
        None => Ok(Compression::None),
        Some((_, value)) if value == "none" => Ok(Compression::None),
        Some((_, value)) if value == "gzip" => Ok(Compression::Gzip),
        Some((variable, value)) => {
            Err(SettingsError::Unsupported { variable, value, expected: "`none` or `gzip`" })
        }
    }
}

fn identity<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    signal: &Signal,
) -> Result<Option<ClientIdentity>, SettingsError> {
    match (vars.first(&signal.client_certificate), vars.first(&signal.client_key)) {
        (None, None) => Ok(None),
        (Some((_, certificate)), Some((_, key))) => {
            Ok(Some(ClientIdentity { certificate: certificate.into(), key: key.into() }))
        }
        (Some((variable, _)), None) => {
            Err(SettingsError::Alone { variable, missing: signal.client_key[1] })
        }
        (None, Some((variable, _))) => {
            Err(SettingsError::Alone { variable, missing: signal.client_certificate[1] })
        }
    }
}
