//! One place that values come from (flags, environment, file, legacy file), as figment merges them.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

/// Where a value comes from. Displayed as an operator looks for it: a line of a file, the name of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Flag,
    /// The variable's name.
    Environment(String),
    /// Path and line.
    File(PathBuf, usize),
    /// Path and line of `scalr-server.rb`.
    Legacy(PathBuf, usize),
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag => f.write_str("command line"),
            Source::Environment(name) => write!(f, "environment variable {name}"),
            Source::File(path, line) | Source::Legacy(path, line) => write!(f, "{}:{line}", path.display()),
            Source::Default => f.write_str("default"),
        }
    }
}

/// Where a value is and what it is called there, for messages: `stackyard.toml:3` and `session.idle`.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub source: Source,
    pub name: String,
}

impl Place {
    /// `text` about what is written here.
    pub fn problem(&self, text: impl fmt::Display) -> String {
        match &self.source {
            Source::Environment(name) => format!("environment variable {name}: {text}"),
            source => format!("{source}: {}: {text}", self.name),
        }
    }
}

#[derive(Debug)]
pub(super) struct Layer {
    /// Unique among the layers that are merged; leads from a merged value back to its layer.
    pub name: &'static str,
    values: Dict,
    places: BTreeMap<String, Place>,
}

impl Layer {
    pub fn new(name: &'static str) -> Self {
        Layer { name, values: Dict::new(), places: BTreeMap::new() }
    }

    /// Sets the dotted `key`.
    pub fn set(&mut self, key: &str, value: impl Into<Value>, place: Place) {
        self.places.insert(key.to_owned(), place);
        match key.split_once('.') {
            None => {
                self.values.insert(key.to_owned(), value.into());
            }
            Some((table, name)) => {
                let inner = match self.values.remove(table) {
                    Some(Value::Dict(_, mut dict)) => {
                        dict.insert(name.to_owned(), value.into());
                        dict
                    }
                    _ => Dict::from([(name.to_owned(), value.into())]),
                };
                self.values.insert(table.to_owned(), inner.into());
            }
        }
    }

    pub fn place(&self, key: &str) -> Option<&Place> {
        self.places.get(key)
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}
