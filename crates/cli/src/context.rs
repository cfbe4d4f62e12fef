//! Servers the user works with, in `~/.config/stackyard/config.toml`.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    client::Login,
    failure::{Failure, Outcome},
    output::note,
};

/// All contexts of this user.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contexts {
    /// The one that is used where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    #[serde(default)]
    pub contexts: BTreeMap<String, Context>,
}

/// One server, who works on it, and where.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub api_secret_key: Option<SecretString>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub token: Option<SecretString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_http: bool,
}

/// This file is where secrets are kept; nothing else serialises one.
fn exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}

impl Context {
    pub fn login(&self) -> Login {
        match self {
            Context { token: Some(token), .. } => Login::Token(token.clone()),
            Context { api_key_id: Some(id), api_secret_key: Some(secret), .. } => {
                Login::ApiKey { id: id.clone(), secret: secret.clone() }
            }
            _ => Login::Nobody,
        }
    }

    /// How it logs in, in words.
    pub fn means(&self) -> String {
        match self.login() {
            Login::Token(_) => "token".to_owned(),
            Login::ApiKey { id, .. } => format!("API key {id}"),
            Login::Nobody | Login::Session { .. } => "none".to_owned(),
        }
    }
}

impl Contexts {
    /// `$XDG_CONFIG_HOME/stackyard/config.toml`, by default below `~/.config`.
    pub fn path() -> Outcome<PathBuf> {
        let set = |name: &str| env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|it| it.join(".config")));
        let folder = folder.ok_or_else(|| Failure::usage("neither HOME nor XDG_CONFIG_HOME is set"))?;
        Ok(folder.join("stackyard").join("config.toml"))
    }

    /// No file: no contexts.
    pub fn load() -> Outcome<Contexts> {
        Contexts::read(&Contexts::path()?)
    }

    fn read(path: &Path) -> Outcome<Contexts> {
        let name = path.display();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(err) if err.kind() == ErrorKind::NotFound => return Ok(Contexts::default()),
            Err(err) => return Err(anyhow::Error::from(err).context(format!("cannot read {name}")).into()),
        };
        if fs::metadata(path).is_ok_and(|it| it.mode() & 0o077 != 0) {
            note(&format!("warning: others may read {name}, which holds secrets; run chmod 600 {name}"));
        }
        // The parser's own message quotes the line, which may hold a secret.
        toml::from_str(&text).map_err(|err: toml::de::Error| {
            let line = err.span().map_or(1, |it| text.get(..it.start).unwrap_or_default().matches('\n').count() + 1);
            Failure::Other(anyhow::anyhow!("{name}:{line}: {}", err.message()))
        })
    }

    pub fn save(&self) -> Outcome {
        let path = Contexts::path()?;
        let text = toml::to_string(self).context("the contexts cannot be written")?;
        let written = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let new = path.with_extension("toml.new");
            let _ = fs::remove_file(&new);
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        Ok(written().with_context(|| format!("cannot write {}", path.display()))?)
    }

    /// And keeps that it is forgotten.
    pub fn forget(&mut self, name: &str) -> Outcome {
        self.contexts.remove(name);
        self.current = self.current.take().filter(|it| it != name);
        self.save()
    }

    pub fn get(&self, name: &str) -> Outcome<&Context> {
        self.contexts.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.contexts.keys().map(String::as_str).collect();
            let known =
                if known.is_empty() { "there are none".to_owned() } else { format!("there are {}", known.join(", ")) };
            Failure::usage(format!("there is no context {name:?}; {known}"))
        })
    }
}
