//! Administration of the server on its own machine. A command is a file below `admin/`, a variant and an arm here.

mod audit;
mod backup;
mod check;
mod key;
mod reconfigure;
mod rekey;
mod reset_password;
mod restore;
mod status;
mod unlock;
mod user;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use control_plane::{admin::offline::Offline, config::Overrides};

use crate::{failure::Outcome, output::Form};

#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct AdminArgs {
    #[command(flatten)]
    installation: Installation,
    #[command(subcommand)]
    command: Command,
}

/// Which installation of this machine, as `stackyard server` was started.
#[derive(Debug, Clone, Args)]
pub struct Installation {
    /// Configuration file [default: /etc/stackyard/stackyard.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the database and the keys are [default: /var/lib/stackyard]
    #[arg(long, global = true, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
}

impl Installation {
    /// Database and vault, whether a server runs or not.
    pub async fn open(&self) -> Outcome<Offline> {
        Ok(Offline::open(&check::load(self)?.config).await?)
    }

    pub fn overrides(&self) -> Overrides {
        Overrides { config: self.config.clone(), data_dir: self.data_dir.clone(), ..Overrides::default() }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// How the running server is: its parts, what goes on, how old its knowledge is
    #[command(after_long_help = status::EXAMPLES)]
    Status,
    /// Check the configuration without touching the server: each value and where it comes from
    #[command(after_long_help = check::EXAMPLES)]
    Check,
    /// Have the running server read its configuration anew
    #[command(after_long_help = reconfigure::EXAMPLES)]
    Reconfigure,
    /// People who log in
    #[command(subcommand)]
    User(user::Command),
    /// Give a user a new password and end their sessions
    #[command(after_long_help = reset_password::EXAMPLES)]
    ResetPassword(reset_password::ResetPasswordArgs),
    /// Let a user log in again who is locked out after failed logins
    #[command(after_long_help = unlock::EXAMPLES)]
    Unlock(unlock::UnlockArgs),
    /// API keys of a user
    #[command(subcommand)]
    Key(key::Command),
    /// Exchange the master key, without stopping the server
    #[command(after_long_help = rekey::EXAMPLES)]
    Rekey(rekey::RekeyArgs),
    /// Write everything but the master key to a file, while the server runs
    #[command(after_long_help = backup::EXAMPLES)]
    Backup(backup::BackupArgs),
    /// Read a backup into an empty database, of either engine
    #[command(after_long_help = restore::EXAMPLES)]
    Restore(restore::RestoreArgs),
    /// The log of who did what
    #[command(subcommand)]
    Audit(audit::Command),
}

pub async fn run(args: AdminArgs, form: Form) -> Outcome {
    let AdminArgs { installation, command } = args;
    match command {
        Command::Status => status::run(&installation, form).await,
        Command::Check => check::run(&installation, form),
        Command::Reconfigure => reconfigure::run(&installation, form).await,
        Command::User(command) => user::run(&installation, form, command).await,
        Command::ResetPassword(args) => reset_password::run(&installation, args).await,
        Command::Unlock(args) => unlock::run(&installation, args).await,
        Command::Key(command) => key::run(&installation, form, command).await,
        Command::Rekey(args) => rekey::run(&installation, form, args).await,
        Command::Backup(args) => backup::run(&installation, args).await,
        Command::Restore(args) => restore::run(&installation, args).await,
        Command::Audit(command) => audit::run(&installation, form, command).await,
    }
}
