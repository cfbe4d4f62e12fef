//! What a reconfiguration changes.

use super::{Loaded, key::KEYS};

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
