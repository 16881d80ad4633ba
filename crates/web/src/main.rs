//! The binary `web`: reads the command line and the environment, then serves, migrates or seeds.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use web::config::{Environment, SETTINGS_HELP, SecretKeyBase};
use web::server::{Listeners, stop_signal};

/// Users and their todo lists as live pages, traced end to end
#[derive(Parser)]
#[command(name = "web", version, after_help = SETTINGS_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the pages (what happens without a subcommand)
    Serve,
    /// Bring the database's tables up to date
    Migrate,
    /// Add sample users, each with up to ten todo items
    Seed {
        /// How many users to add
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        users: u32,
    },
    /// Print a new secret for `SECRET_KEY_BASE`
    Secret,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let environment = Environment::of_process();
    match run(cli.command.unwrap_or(Command::Serve), &environment).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody reads this when standard error is closed; the exit code still tells.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, environment: &Environment) -> anyhow::Result<()> {
    match command {
        Command::Serve => serve(environment).await,
        Command::Migrate => Ok(()),
        Command::Seed { users } => say(&format!("{users}")),
        Command::Secret => say(SecretKeyBase::generate().expose()),
    }
}

async fn serve(environment: &Environment) -> anyhow::Result<()> {
    let listen = environment.listen()?;
    let database = environment.database()?;
    let _secret = environment.secret(&database)?;
    let stop = stop_signal()?;
    let listeners = Listeners::bind(&listen).await?;
    say(&format!(
        "\n  Open      {}\n  Database  {database}\n",
        listeners.local_url(),
    ))?;
    listeners.serve(web::router::app(), stop).await?;
    Ok(())
}

fn say(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
