//! The configuration of the server: command line, environment, `stackyard.toml`, an existing `scalr-server.rb` and
//! defaults, in this order. Nothing else reads the environment.

mod build;
mod change;
mod environment;
mod file;
mod key;
mod layer;
mod legacy;
mod read;
#[cfg(test)]
mod tests;
mod value;

use std::{
    collections::BTreeMap,
    env, fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use cloud::{Driver, address::ConnectionPolicy, server::Weights};
use ipnet::IpNet;
use secrecy::SecretString;
use vault::KeySource;

pub use change::{Change, changes, keep_until_restart};
pub use layer::Source;
pub(crate) use value::duration_text;

const FILE: &str = "/etc/stackyard/stackyard.toml";
const LEGACY_FILE: &str = "/etc/scalr-server/scalr-server.rb";

/// What the command line says; it wins over everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Must exist when given (or named by `STACKYARD_CONFIG`); `/etc/stackyard/stackyard.toml` need not.
    pub config: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
    pub data_dir: Option<PathBuf>,
    /// May hold a password.
    pub database_url: Option<SecretString>,
}

/// A whole and checked configuration. Relative paths are relative to the working directory.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    /// May hold a password, so `Debug` does not show it.
    pub database_url: String,
    /// Where the key is, never the key.
    pub master_key: KeySource,
    pub tls: Option<Tls>,
    /// Whose `X-Forwarded-…` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `None`: everything but loopback. An empty list: nothing.
    pub allowed_cloud_networks: Option<Vec<IpNet>>,
    /// `http://host:port` of a proxy for connections to clouds.
    pub cloud_proxy: Option<String>,
    /// Ranges to take for private besides those that are so by convention.
    pub private_networks: Vec<IpNet>,
    pub instances_connection_policy: ConnectionPolicy,
    pub openstack: PlatformConfig,
    pub vmware: PlatformConfig,
    /// How Stackyard chooses hosts and datastores of vSphere.
    pub placement: PlacementConfig,
    pub instance_types_lifetime: Duration,
    pub sync_interval: Duration,
    /// How long the validation of a credential may take.
    pub validation_limit: Duration,
    pub revalidation_interval: Duration,
    /// How long authentication must keep failing until a linked cloud is suspended.
    pub suspend_after: Duration,
    /// How long a farm role's port is waited for until that is told as a failure.
    pub port_limit: Duration,
    /// How long the end of a guest's customization is waited for until that is told as a failure.
    pub customization_limit: Duration,
    /// How long an operation on a server may be under way until it is given up.
    pub operation_limit: Duration,
    pub session: Session,
    /// After so many a user is locked out.
    pub failed_login_attempts: u32,
    pub log: Log,
    pub legacy_config: Option<PathBuf>,
}

/// Paths of PEM files that could be opened when the configuration was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlatformConfig {
    /// `None`: as for all platforms.
    pub instances_connection_policy: Option<ConnectionPolicy>,
    pub action_on_missing_server: OnMissing,
    pub action_on_failed_server: OnFailed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacementConfig {
    /// Not all are 0.
    pub weights: Weights,
    /// What stays free on a datastore beside the disks of a server: its swap file and its snapshots need room there.
    pub buffer_gib: u32,
}

/// What is done about a server that is not in its cloud any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnMissing {
    /// It is shown as missing, and waited for.
    #[default]
    Flag,
    Ignore,
    /// Its farm has another one instead.
    Terminate,
}

/// What is done about a server that its cloud gave up on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailed {
    /// It is shown as failed.
    #[default]
    Alert,
    Ignore,
    /// It is removed, and its farm has another one instead.
    Terminate,
}

impl fmt::Display for OnMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OnMissing::Flag => "flag",
            OnMissing::Ignore => "ignore",
            OnMissing::Terminate => "terminate",
        })
    }
}

impl fmt::Display for OnFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OnFailed::Alert => "alert",
            OnFailed::Ignore => "ignore",
            OnFailed::Terminate => "terminate",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// A console session ends after so long without a request.
    pub idle: Duration,
    /// And after so long whatever happens; never shorter than `idle`.
    pub lifetime: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub format: LogFormat,
    /// Directives for the filter of `tracing-subscriber`: `info`, or `warn,control_plane=debug`.
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        })
    }
}

impl Config {
    /// Which address of a machine we connect to on this kind of cloud.
    pub fn policy(&self, driver: Driver) -> ConnectionPolicy {
        self.platform(driver).instances_connection_policy.unwrap_or(self.instances_connection_policy)
    }

    pub fn platform(&self, driver: Driver) -> &PlatformConfig {
        match driver {
            Driver::Openstack => &self.openstack,
            Driver::Vsphere => &self.vmware,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .field("database_url", &value::database_url_text(&self.database_url))
            .finish_non_exhaustive()
    }
}

/// A value as an operator reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Without passwords; durations normalised (`24h`). Empty if it is not set and has no default.
    pub text: String,
    pub source: Source,
}

#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    /// Every key there is, dotted.
    pub values: BTreeMap<String, Value>,
    /// Each names its file and lines.
    pub warnings: Vec<String>,
}

/// Everything that is wrong at once. Each problem names where it is, the key, what is allowed and what to do; none
/// shows a secret.
#[derive(Debug)]
pub struct ConfigError {
    problems: Vec<String>,
}

impl ConfigError {
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [one] => f.write_str(one),
            all => write!(f, "the configuration has {} errors:\n  {}", all.len(), all.join("\n  ")),
        }
    }
}

impl std::error::Error for ConfigError {}

/// What the process finds around itself, so that tests can say it.
struct Surroundings<'a> {
    variables: &'a environment::Variables,
    file: &'a Path,
    legacy_file: &'a Path,
}

/// Reads flags, environment and files, and checks all of it. Changes nothing, so it may be run at any time.
pub fn load(overrides: &Overrides) -> Result<Loaded, ConfigError> {
    let variables: Vec<_> = env::vars_os().collect();
    let around = Surroundings { variables: &variables, file: Path::new(FILE), legacy_file: Path::new(LEGACY_FILE) };
    load_from(overrides, &around)
}

fn load_from(overrides: &Overrides, around: &Surroundings<'_>) -> Result<Loaded, ConfigError> {
    let mut problems = Vec::new();
    let mut warnings = Vec::new();

    let named =
        around.variables.iter().find(|(name, _)| name == "STACKYARD_CONFIG").map(|(_, path)| PathBuf::from(path));
    let named = overrides.config.clone().or(named);
    let path = named.as_deref().unwrap_or(around.file);
    let file = match file::text(path, named.is_some(), &mut problems) {
        Some(text) => file::layer(path, &text, &mut problems),
        None => problems.is_empty().then(|| layer::Layer::new("file")),
    };
    // What a file that cannot be read would have said is unknown, and so is what else is wrong.
    let Some(file) = file else { return Err(ConfigError { problems }) };
    let environment = environment::layer(around.variables, &mut problems);
    let flags = build::flags(overrides, &mut problems);
    let mut layers = vec![file, environment, flags];

    // Where the legacy file is, the others say.
    let mut above = read::Reader::new(&layers, Vec::new());
    let legacy = match above.find("legacy_config", value::readable_file, |it| it.display().to_string()) {
        Some(Some(named)) => legacy::layer(&named, true, &mut problems, &mut warnings),
        Some(None) => legacy::layer(around.legacy_file, false, &mut problems, &mut warnings),
        // Told below, with everything else.
        None => layer::Layer::new("legacy"),
    };
    layers.insert(0, legacy);

    let mut reader = read::Reader::new(&layers, problems);
    let config = build::config(&mut reader, &mut warnings);
    let master_key = config.as_ref().map(|it| &it.master_key);
    reader.problems.extend(environment::unknown(around.variables, master_key));
    match config {
        Some(config) if reader.problems.is_empty() => Ok(Loaded { config, values: reader.values, warnings }),
        _ => Err(ConfigError { problems: reader.problems }),
    }
}
