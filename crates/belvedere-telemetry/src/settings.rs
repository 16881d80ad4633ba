//! What the environment says about telemetry, parsed once.
//!
//! The variables are OpenTelemetry's own, with one more: `OTLP_ENDPOINT`, a base URL that any
//! `OTEL_*` endpoint overrides. An empty variable counts as unset, as the specification asks.

use std::str::FromStr;
use std::time::Duration;

use tracing_subscriber::filter::{LevelFilter, Targets};

mod collector;
#[cfg(test)]
mod tests;

pub use collector::{ClientIdentity, Collector, Compression, Metrics, Protocol};

/// Everything telemetry is set up from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where spans go; `None` exports nothing.
    pub collector: Option<Collector>,
    /// Where metrics go; `None` exports none.
    pub metrics: Option<Metrics>,
    /// `OTEL_SDK_DISABLED`: no OpenTelemetry at all, whatever else is set.
    pub disabled: bool,
    /// `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`. Default: every trace.
    pub sampling: Sampling,
    /// What describes this process: `service.name` and `OTEL_RESOURCE_ATTRIBUTES`. Without a
    /// `service.instance.id` among them each process makes one up.
    pub resource: Vec<(String, String)>,
    /// How spans wait for the exporter.
    pub batch: Batch,
    /// `N_PLUS_ONE_THRESHOLD`: how often the same `SELECT` runs within one callback until the
    /// callback is flagged, at least 2. Default 3.
    pub n_plus_one_threshold: u32,
    /// Longest that shutting down waits for the last spans. Default five seconds: platforms give a
    /// process some ten between asking it to stop and stopping it, and connections need theirs.
    pub flush_timeout: Duration,
    /// `RUST_LOG`, as `tracing_subscriber::filter::Targets` reads it. Default: `info`.
    ///
    /// It chooses log lines, not spans: less logging does not mean fewer traces.
    pub log_filter: Targets,
    /// `LOG_FORMAT`: `text` (the default) or `json`.
    pub log_format: LogFormat,
    /// Whether lines on a terminal may be coloured: `NO_COLOR` forbids it.
    pub log_colour: bool,
}

/// Which traces are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Share of the traces that begin here, from 0 to 1.
    pub ratio: f64,
    /// Whether a trace that began elsewhere keeps the decision made there.
    pub parent_based: bool,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { ratio: 1.0, parent_based: true }
    }
}

/// How spans wait for the exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// `OTEL_BSP_MAX_QUEUE_SIZE`: spans held at most, the batch under way included. Beyond it traces
    /// are dropped, each as a whole, said and counted. Default 16,384, at most some 25 MiB while a
    /// collector is away: seconds of a machine at full speed, where the specification's 2,048 are a
    /// moment.
    pub max_queue_spans: usize,
    /// `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`: spans of one request, of whole traces. Default 2048, about a
    /// megabyte to send; at most the queue's size. A request ends at some 3 MiB as well, since
    /// collectors take 4 MiB over gRPC. A trace of more spans than this is a request of its own, and
    /// only one of more than 3 MiB is divided between several.
    pub max_batch_spans: usize,
    /// `OTEL_BSP_SCHEDULE_DELAY`, in milliseconds. Default one second, where the specification has
    /// five: a page's trace should be there by the time one has switched windows.
    pub delay: Duration,
}

impl Default for Batch {
    fn default() -> Self {
        Self { max_queue_spans: 16_384, max_batch_spans: 2048, delay: Duration::from_secs(1) }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One line for people.
    #[default]
    Text,
    /// One JSON object a line, for log stores.
    Json,
}

/// A variable that cannot be understood. Values are repeated, so none of these holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The text is none of those supported.
    #[error("{variable} is `{value}`, but must be {expected}")]
    Unsupported {
        /// The variable's name.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// `RUST_LOG` is no list of `target=level`.
    #[error("RUST_LOG is `{value}`, but must be a list such as `info,belvedere=debug`")]
    LogFilter {
        /// What it holds.
        value: String,
        /// Why it cannot be read.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// Of two variables that need each other one is missing.
    #[error("{variable} is set, but {missing} is not; set both, or neither")]
    Alone {
        /// The one that is set.
        variable: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// A list of `key=value` has an entry that is none. The entry is not shown: it may be a secret.
    #[error("entry {entry} of {variable} is no `name=value` with a name and text allowed there")]
    Entry {
        /// The variable's name.
        variable: &'static str,
        /// Position in the list, from 1.
        entry: usize,
    },
}

impl Settings {
    /// Nothing exported, log lines of level info as text: what an empty environment gives.
    #[must_use]
    pub fn new(service_name: &str) -> Self {
        Self {
            collector: None,
            metrics: None,
            disabled: false,
            sampling: Sampling::default(),
            resource: vec![(SERVICE_NAME.to_owned(), service_name.to_owned())],
            batch: Batch::default(),
            n_plus_one_threshold: N_PLUS_ONE_THRESHOLD,
            flush_timeout: FLUSH_TIMEOUT,
            log_filter: Targets::new().with_default(LevelFilter::INFO),
            log_format: LogFormat::default(),
            log_colour: true,
        }
    }

    /// Reads settings from the process's environment; see [`from_vars`](Self::from_vars).
    ///
    /// # Errors
    /// [`SettingsError`] names the first variable that cannot be understood, and what it may hold.
    pub fn from_env(service_name: &str) -> Result<Self, SettingsError> {
        Self::from_vars(service_name, |variable| {
            let value = std::env::var_os(variable)?;
            Some(value.to_string_lossy().into_owned())
        })
    }

    /// Reads settings from `lookup`, a view of the environment.
    ///
    /// `service_name` is used where neither `OTEL_SERVICE_NAME` nor `OTEL_RESOURCE_ATTRIBUTES`
    /// names the service.
    ///
    /// # Errors
    /// [`SettingsError`] names the first variable that cannot be understood, and what it may hold.
    pub fn from_vars(
        service_name: &str,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let vars = Vars { lookup };
        let defaults = Batch::default();
        Ok(Self {
            collector: collector::from_vars(&vars)?,
            metrics: collector::metrics_from_vars(&vars)?,
            disabled: vars.get("OTEL_SDK_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true")),
            sampling: sampling(&vars)?,
            resource: resource(&vars, service_name)?,
            batch: Batch {
                max_queue_spans: vars
                    .positive("OTEL_BSP_MAX_QUEUE_SIZE")?
                    .unwrap_or(defaults.max_queue_spans),
                max_batch_spans: vars
                    .positive("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")?
                    .unwrap_or(defaults.max_batch_spans),
                delay: vars.milliseconds("OTEL_BSP_SCHEDULE_DELAY")?.unwrap_or(defaults.delay),
            },
            n_plus_one_threshold: vars
                .parsed("N_PLUS_ONE_THRESHOLD", "a number of queries from 2 on", |n| *n >= 2)?
                .unwrap_or(N_PLUS_ONE_THRESHOLD),
            flush_timeout: FLUSH_TIMEOUT,
            log_filter: log_filter(&vars)?,
            log_format: log_format(&vars)?,
            log_colour: vars.get("NO_COLOR").is_none(),
        })
    }
}

/// The environment, in which an empty value is none.
struct Vars<F> {
    lookup: F,
}

impl<F: Fn(&str) -> Option<String>> Vars<F> {
    fn get(&self, variable: &str) -> Option<String> {
        let value = (self.lookup)(variable)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    }

    /// The first that is set, with its name.
    fn first(&self, variables: &[&'static str]) -> Option<(&'static str, String)> {
        variables.iter().find_map(|variable| Some((*variable, self.get(variable)?)))
    }

    fn parsed<T: FromStr>(
        &self,
        variable: &'static str,
        expected: &'static str,
        accept: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, SettingsError> {
        let Some(value) = self.get(variable) else {
            return Ok(None);
        };
        match value.parse().ok().filter(accept) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(SettingsError::Unsupported { variable, value, expected }),
        }
    }

    fn positive(&self, variable: &'static str) -> Result<Option<usize>, SettingsError> {
        self.parsed(variable, "a positive number", |number| *number > 0)
    }

    fn milliseconds(&self, variable: &'static str) -> Result<Option<Duration>, SettingsError> {
        let number =
            self.parsed(variable, "a positive number of milliseconds", |n: &u64| *n > 0)?;
        Ok(number.map(Duration::from_millis))
    }
}

const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);
/// Twice happens: a query and the same after a change. Three times is a loop.
pub(crate) const N_PLUS_ONE_THRESHOLD: u32 = 3;
const SERVICE_NAME: &str = "service.name";

fn sampling<F: Fn(&str) -> Option<String>>(vars: &Vars<F>) -> Result<Sampling, SettingsError> {
    const VARIABLE: &str = "OTEL_TRACES_SAMPLER";
    let argument = || {
        let expected = "a ratio from 0 to 1";
        let ratio =
            vars.parsed("OTEL_TRACES_SAMPLER_ARG", expected, |r: &f64| (0.0..=1.0).contains(r))?;
        Ok(ratio.unwrap_or(1.0))
    };
    let Some(value) = vars.get(VARIABLE) else {
        return Ok(Sampling::default());
    };
    let (ratio, parent_based) = match value.as_str() {
        "always_on" => (1.0, false),
        "always_off" => (0.0, false),
        "traceidratio" => (argument()?, false),
        "parentbased_always_on" => (1.0, true),
        "parentbased_always_off" => (0.0, true),
        "parentbased_traceidratio" => (argument()?, true),
        _ => {
            return Err(SettingsError::Unsupported {
                variable: VARIABLE,
                value,
                expected: "`always_on`, `always_off`, `traceidratio`, or one of these after \
                           `parentbased_`",
            });
        }
    };
    Ok(Sampling { ratio, parent_based })
}

fn resource<F: Fn(&str) -> Option<String>>(
    vars: &Vars<F>,
    default_name: &str,
) -> Result<Vec<(String, String)>, SettingsError> {
    const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let listed = vars.get(VARIABLE).unwrap_or_default();
    let mut attributes = pairs(VARIABLE, &listed)?;
    let named = attributes.iter().position(|(key, _)| key == SERVICE_NAME);
    match (vars.get("OTEL_SERVICE_NAME"), named) {
        (Some(name), Some(index)) => attributes[index].1 = name,
        (Some(name), None) => attributes.push((SERVICE_NAME.to_owned(), name)),
        (None, Some(_)) => {}
        (None, None) => attributes.push((SERVICE_NAME.to_owned(), default_name.to_owned())),
    }
    Ok(attributes)
}

/// A list `key=value,key=value` whose values are percent-encoded.
fn pairs(variable: &'static str, list: &str) -> Result<Vec<(String, String)>, SettingsError> {
    let entries = list.split(',').enumerate().filter(|(_, entry)| !entry.trim().is_empty());
    entries
        .map(|(index, entry)| {
            let malformed = || SettingsError::Entry { variable, entry: index + 1 };
            let (key, value) = entry.split_once('=').ok_or_else(malformed)?;
            let key = key.trim();
            let value = percent_encoding::percent_decode_str(value.trim())
                .decode_utf8()
                .map_err(|_| malformed())?;
            if key.is_empty() { Err(malformed()) } else { Ok((key.to_owned(), value.into_owned())) }
        })
        .collect()
}

fn log_filter<F: Fn(&str) -> Option<String>>(vars: &Vars<F>) -> Result<Targets, SettingsError> {
    let value = vars.get("RUST_LOG").unwrap_or_else(|| "info".to_owned());
    let mut filter: Targets = match value.parse() {
        Ok(filter) => filter,
        Err(source) => return Err(SettingsError::LogFilter { value, source }),
    };
    for target in SAID_ELSEWHERE {
        if !value.contains(target) {
            filter = filter.with_target(target, LevelFilter::OFF);
        }
    }
    Ok(filter)
}

/// Prefixes of the log targets of libraries that complain each time, where we say once what is wrong: the
/// exporter with every lost batch, as `export` does, and the client of `belvedere-nats` with every attempt
/// to connect.
const SAID_ELSEWHERE: [&str; 2] = ["opentelemetry", "async_nats"];

fn log_format<F: Fn(&str) -> Option<String>>(vars: &Vars<F>) -> Result<LogFormat, SettingsError> {
    match vars.get("LOG_FORMAT") {
        None => Ok(LogFormat::default()),
        Some(value) if value == "text" => Ok(LogFormat::Text),
        Some(value) if value == "json" => Ok(LogFormat::Json),
        Some(value) => Err(SettingsError::Unsupported {
            variable: "LOG_FORMAT",
            value,
            expected: "`text` or `json`",
        }),
    }
}
