//! What a reconfiguration changes.

use super::{
    ConfigError, Loaded,
    build::disagreements,
    key::KEYS,
    layer::{Place, Source},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub key: String,
    /// As in [`super::Value::text`]: without passwords.
    pub from: String,
    pub to: String,
    /// The running server keeps the old value.
    pub needs_restart: bool,
}

/// In the order of the keys' documentation. A value that only moved to another source has not changed.
pub fn changes(old: &Loaded, new: &Loaded) -> Vec<Change> {
    let text = |loaded: &Loaded, key: &str| loaded.values.get(key).map(|it| it.text.clone()).unwrap_or_default();
    let mut changes = Vec::new();
    for key in &KEYS {
        let from = text(old, key.name);
        let mut to = text(new, key.name);
        let only_password =
            key.name == "database_url" && from == to && old.config.database_url != new.config.database_url;
        if only_password {
            to.push_str(" (another password)");
        }
        if from != to {
            changes.push(Change { key: key.name.to_owned(), from, to, needs_restart: key.needs_restart });
        }
    }
    changes
}

/// Puts what is in use, and cannot be exchanged under a running server, back into a new configuration: its value and
/// where that came from. Fails where the rest of the new one is only right with values that have to wait.
pub fn keep_until_restart(old: &Loaded, new: &mut Loaded) -> Result<(), ConfigError> {
    new.config.listen = old.config.listen;
    new.config.data_dir.clone_from(&old.config.data_dir);
    new.config.database_url.clone_from(&old.config.database_url);
    new.config.master_key.clone_from(&old.config.master_key);
    new.config.log = old.config.log.clone();
    for key in KEYS.iter().filter(|it| it.needs_restart) {
        if let Some(value) = old.values.get(key.name) {
            new.values.insert(key.name.to_owned(), value.clone());
        }
    }
    let source = |key: &str| new.values.get(key).map_or(Source::Default, |it| it.source.clone());
    let problems = disagreements(&new.config, |key| Place { source: source(key), name: key.to_owned() });
    if problems.is_empty() { Ok(()) } else { Err(ConfigError { problems }) }
}
