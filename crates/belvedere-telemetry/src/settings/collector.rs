//! Where spans go and how: the variables of OTLP.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};

use super::{SettingsError, Vars, pairs};

/// An OTLP receiver.
#[derive(Clone, Debug)]
pub struct Collector {
    /// With HTTP the full URL spans are posted to, with gRPC the server; `http` or `https`.
    ///
    /// From `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` as it is, otherwise from the base URL in
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTLP_ENDPOINT`, to which HTTP adds `/v1/traces`.
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
        }
    }
}

/// Metrics and their receiver.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// As for spans, but with an endpoint of its own: `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` as it
    /// is, otherwise the base URL, to which HTTP adds `/v1/metrics`.
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
    /// As they are.
    #[default]
    None,
    /// With gzip.
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

/// What differs between the signals.
struct Signal {
    exporter: &'static str,
    endpoint: &'static str,
    /// Below a base URL, for the HTTP protocol.
    path: &'static str,
}

const TRACES: Signal = Signal {
    exporter: "OTEL_TRACES_EXPORTER",
    endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    path: "/v1/traces",
};
const METRICS: Signal = Signal {
    exporter: "OTEL_METRICS_EXPORTER",
    endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    path: "/v1/metrics",
};

fn signal_from_vars<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    signal: &Signal,
) -> Result<Option<Collector>, SettingsError> {
    if !exporter_is_otlp(vars, signal.exporter)? {
        return Ok(None);
    }
    let protocol = protocol(vars)?;
    let Some(endpoint) = endpoint(vars, protocol, signal)? else {
        return Ok(None);
    };
    let timeout = match vars.milliseconds("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")? {
        Some(timeout) => Some(timeout),
        None => vars.milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT")?,
    };
    let authorities = vars.first(&[
        "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CERTIFICATE",
        "SSL_CERT_FILE",
    ]);
    let defaults = Collector::new(endpoint, protocol);
    Ok(Some(Collector {
        headers: headers(vars)?,
        timeout: timeout.unwrap_or(defaults.timeout),
        compression: compression(vars)?,
        authorities: authorities.map(|(_, path)| path.into()),
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

fn protocol<F: Fn(&str) -> Option<String>>(vars: &Vars<F>) -> Result<Protocol, SettingsError> {
    let set = vars.first(&["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]);
    let Some((variable, value)) = set else {
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
    let is_base = variable != signal.endpoint && protocol == Protocol::HttpProtobuf;
    let full = if is_base {
        format!("{}{}", value.trim_end_matches('/'), signal.path)
    } else {
        value.clone()
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

fn headers<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
) -> Result<Vec<(HeaderName, HeaderValue)>, SettingsError> {
    let set = vars.first(&["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"]);
    let Some((variable, list)) = set else {
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

fn compression<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
) -> Result<Compression, SettingsError> {
    let set =
        vars.first(&["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"]);
    match set {
        None => Ok(Compression::None),
        Some((_, value)) if value == "none" => Ok(Compression::None),
        Some((_, value)) if value == "gzip" => Ok(Compression::Gzip),
        Some((variable, value)) => {
            Err(SettingsError::Unsupported { variable, value, expected: "`none` or `gzip`" })
        }
    }
}
