use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use control_plane::config::Overrides;
use secrecy::SecretString;

use crate::failure::Outcome;

pub const EXAMPLES: &str = "\
Without a configuration file this starts on 127.0.0.1:7780 with SQLite in the data directory. The first start writes
the administrator's login to initial-admin.json in the data directory.

Examples:
  stackyard server --data-dir ./data
  stackyard server --config /etc/stackyard/stackyard.toml --listen 127.0.0.1:8080";

#[derive(Debug, Args)]
pub struct ServerArgs {
    /// Configuration file [default: /etc/stackyard/stackyard.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:7780]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where the database and the keys are [default: /var/lib/stackyard]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
    /// sqlite://PATH or postgres://… [default: SQLite in the data directory]. A password belongs in the configuration file
    #[arg(long, value_name = "URL")]
    database_url: Option<SecretString>,
}

/// Until SIGTERM or SIGINT.
pub async fn run(args: ServerArgs) -> Outcome {
    let ServerArgs { config, listen, data_dir, database_url } = args;
    Ok(control_plane::serve(Overrides { config, listen, data_dir, database_url }).await?)
}
