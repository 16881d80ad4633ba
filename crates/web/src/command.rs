//! What the subcommands do. The binary only chooses among them.

use std::io;
use std::time::Duration;

use belvedere::{LiveConfig, SecretKeyBase};
use belvedere_diesel::{DatabaseConfig, MigrationError, QueryError, Repo};
use belvedere_telemetry::store::TraceStore;
use belvedere_telemetry::{Extras, Telemetry, TelemetryError};
use domain::{MIGRATIONS, seed, users};

use crate::bus;
use crate::config::{ConfigError, Environment, InspectorAccess, StopTime};
use crate::database::{self, DatabaseError, Opened};
use crate::imports::Others;
use crate::inspector;
use crate::layout::Menu;
use crate::router;
use crate::server::{Listeners, ServeError, stop_signal};
use crate::snapshots;
use crate::state::AppState;
use crate::voice::Voice;
use crate::writes::Writes;

/// The service's name in traces, when the environment gives none.
const SERVICE_NAME: &str = "belvedere-web";

/// How long live pages wait for an import to end before they are asked to reconnect.
const IMPORT_STOPS: Duration = Duration::from_millis(500);

/// Why a subcommand failed. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be used for serving.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The migrations failed.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The sample users could not be added.
    #[error("the users could not be added: {0}")]
    Seed(#[from] QueryError),
    /// The port cannot be had.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Traces cannot be exported.
    #[error("telemetry: {0}")]
    Telemetry(#[from] TelemetryError),
    /// Signals or standard output do not work.
    #[error("input and output failed: {0}")]
    Io(#[from] io::Error),
}

/// `web serve`: serves the pages until the process is told to stop.
///
/// The end goes from the outside in: readiness, an import under way, live views, new connections, requests under way,
/// waiting spans.
///
/// # Errors
///
/// [`CommandError`] for whatever keeps it from starting.
// Of a public `async fn` the compiler generates all that it does, every page, into the unit tests as well.
pub fn serve(environment: &Environment) -> impl Future<Output = Result<(), CommandError>> {
    serve_pages(environment)
}

async fn serve_pages(environment: &Environment) -> Result<(), CommandError> {
    let listen = environment.listen()?;
    let database = environment.database_config()?;
    let secret = environment.secret(&database.url)?;
    let access = environment.inspector(&listen)?;
    let client_address = environment.client_address()?;
    let stop_time = environment.stop_time()?;
    let limits = environment.server_limits()?;
    let writes = environment.writes()?;
    let menu = if access.is_on() { Menu::WithInspector } else { Menu::Pages };
    let direct_database = domain::database(environment.direct_database()?);
    let nats = environment.nats()?;
    let public_url = environment.public_url()?;
    let snapshot_place = environment.snapshot_place()?;
    let store = belvedere_inspector::trace_store();
    let trust_incoming_trace = environment.trust_incoming_trace()?;
    let watched = access.is_on().then(|| store.clone());
    let telemetry = start_telemetry(environment, watched)?;
    // Before anything is made: a port in use leaves no new database behind.
    let listeners = Listeners::bind(&listen).await?;
    let opened = database::open(&database).await?;
    // A database that cannot be reached has been told of, once.
    let pub_sub = bus::pub_sub(nats, &direct_database, &secret);
    let stored = snapshots::stored(snapshot_place, &access, &opened.repo).await;
    let config = LiveConfig {
        client_address: client_address.clone(),
        shared_snapshots: stored.pages,
        ..stopping(LiveConfig::new(secret), stop_time)
    };
    let live = router::live_runtime(config, public_url, menu, pub_sub.clone());
    let stop = stop_signal()?;

    announce(Voice::of(environment), &listeners, &database, &opened, &access, &telemetry)?;
    let state = AppState::new(opened.repo, pub_sub, client_address, menu, writes);
    let imports = state.imports.clone();
    if writes == Writes::Allowed {
        tokio::spawn(Others::new(imports.clone()).watch());
    }
    let inspector = inspector::router(&access, &live, store, stored.sign_ins);
    let app = router::app(state, &live, inspector, trust_incoming_trace);
    let drain = async {
        // Pages are told of it before they move.
        let _ = tokio::time::timeout(IMPORT_STOPS, imports.stop()).await;
        live.drain().await;
        imports.stop().await;
    };
    listeners.serve(app, limits, stop, drain, stop_time.of_sockets()).await;
    telemetry.shutdown().await;
    Ok(())
}

/// The same settings, by which all sockets are told to move so early that each has its time to close.
fn stopping(config: LiveConfig, stop_time: StopTime) -> LiveConfig {
    let drain_within = stop_time.of_sockets().saturating_sub(config.drain_timeout);
    LiveConfig { drain_within, ..config }
}

/// Says where the application is to be found and what it uses.
fn announce(
    voice: Voice,
    listeners: &Listeners,
    database: &DatabaseConfig,
    opened: &Opened,
    access: &InspectorAccess,
    telemetry: &Telemetry,
) -> io::Result<()> {
    let url = listeners.local_url();
    let note = opened.note.map(|note| format!(" ({note})")).unwrap_or_default();
    let database = format!("{}{note}", database.url);
    let traces = telemetry.description();
    let traces = traces.trim_start_matches("traces").trim_start_matches([':', ' ']);
    let inspector = access.is_on().then(|| format!("{url}{}", belvedere_inspector::PATH));
    if voice == Voice::Json {
        tracing::info!(url, inspector, database, traces, "serving");
        return Ok(());
    }
    let inspector = inspector.map(|url| format!("  Inspector {url}\n")).unwrap_or_default();
    voice.say(&format!(
        "\n  Open      {url}\n{inspector}  Database  {database}\n  Traces    {traces}\n"
    ))
}

/// `web migrate`: brings the tables up to date.
///
/// # Errors
///
/// [`CommandError`] when the database cannot be reached or a migration fails.
pub async fn migrate(environment: &Environment) -> Result<(), CommandError> {
    let config = domain::database(environment.direct_database()?);
    let telemetry = start_telemetry(environment, None)?;
    let voice = Voice::of(environment);
    let names = MIGRATIONS.run(&config).await?;
    for name in &names {
        voice.say(&format!("ran {name}"))?;
    }
    if names.is_empty() {
        voice.say(&format!("{} is up to date", config.url))?;
    }
    telemetry.shutdown().await;
    Ok(())
}

/// Which databases `web seed` adds users to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedInto {
    /// Whichever it is given.
    Any,
    /// One without users, so that the command may run at every start.
    Empty,
}

/// `web seed`: adds sample users to an existing database.
///
/// # Errors
///
/// [`CommandError`] when the database cannot be used; then nothing was added.
pub async fn seed(
    environment: &Environment,
    n_users: u32,
    into: SeedInto,
) -> Result<(), CommandError> {
    let config = domain::database(environment.database()?);
    let telemetry = start_telemetry(environment, None)?;
    let voice = Voice::of(environment);
    let repo = Repo::connect(&config).await.map_err(DatabaseError::from)?;
    if into == SeedInto::Any || users::is_empty(&repo).await? {
        seed::fill(&repo, n_users as usize).await?;
        voice.say(&format!("added {n_users} users to {}", config.url))?;
    } else {
        voice.say(&format!("{} has users already", config.url))?;
    }
    telemetry.shutdown().await;
    Ok(())
}

/// `web secret`: prints a new secret.
///
/// # Errors
///
/// [`CommandError::Io`] when standard output is closed.
pub fn secret() -> Result<(), CommandError> {
    // For a pipe, whatever the log looks like.
    Ok(Voice::Text.say(&SecretKeyBase::generate())?)
}

/// The inspector's store receives spans, whether or not they are exported as well.
fn start_telemetry(
    environment: &Environment,
    store: Option<TraceStore>,
) -> Result<Telemetry, CommandError> {
    let processors = store.into_iter().map(|store| Box::new(store) as Box<_>).collect();
    let extras = Extras { processors, ..Extras::default() };
    Ok(belvedere_telemetry::init_with(&environment.telemetry(SERVICE_NAME)?, extras)?)
}
