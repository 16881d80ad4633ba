//! The binary `web`: reads the command line and runs one of the commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use web::command::{self, CommandError, SeedInto};
use web::config::{Environment, SETTINGS_HELP};
use web::database::SAMPLE_USERS;
use web::voice::Voice;

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
        #[arg(
            long,
            default_value_t = SAMPLE_USERS,
            value_parser = clap::value_parser!(u32).range(1..=100_000)
        )]
        users: u32,
        /// Add none when there are users already
        #[arg(long)]
        if_empty: bool,
    },
    /// Print a new secret for SECRET_KEY_BASE
    Secret,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let environment = Environment::of_process();
    let voice = Voice::of(&environment);
    voice.take_over_panics();
    match run(cli.command.unwrap_or(Command::Serve), &environment).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            voice.fail(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, environment: &Environment) -> Result<(), CommandError> {
    environment.check()?;
    match command {
        Command::Serve => command::serve(environment).await,
        Command::Migrate => command::migrate(environment).await,
        Command::Seed { users, if_empty } => {
            let into = if if_empty { SeedInto::Empty } else { SeedInto::Any };
            command::seed(environment, users, into).await
        }
        Command::Secret => command::secret(),
    }
}
