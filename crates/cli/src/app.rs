//! What commands share: the connection, where to work, and the form of the output.

use std::env;

use api_types::sessions::CurrentSession;
use clap::{Args, ValueEnum};
use tokio::sync::OnceCell;

use crate::{
    client::{Call, Client},
    context::Contexts,
    failure::{Failure, Outcome},
    output::Form,
    settings::{Flags, Settings},
};

pub struct App {
    pub client: Client,
    pub form: Form,
    account: Option<String>,
    environment: Option<String>,
    session: OnceCell<CurrentSession>,
}

/// Where an object is, for nouns that are at more than one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Scope {
    /// The whole installation.
    Scalr,
    /// One account: that of --account, the variable or the context.
    #[default]
    Account,
}

/// Where an object is, for nouns that are at every scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Level {
    /// The whole installation.
    Scalr,
    /// One account: that of --account, the variable or the context.
    Account,
    /// One environment: that of --environment, the variable or the context.
    #[default]
    Environment,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct ScopeArgs {
    /// Where to look and to make it; what is higher up is visible below, and changed only where it was made
    #[arg(long, value_enum, default_value_t)]
    pub scope: Level,
}

impl App {
    /// Connects to nothing yet.
    pub fn new(flags: &Flags) -> Outcome<Self> {
        let settings = Settings::resolve(flags, |name| env::var(name).ok(), &Contexts::load()?)?;
        let Settings { url, login, trust, account, environment } = settings;
        let client = Client::new(url, login, trust)?;
        Ok(App { client, form: flags.output, account, environment, session: OnceCell::new() })
    }

    /// Where paths of this scope begin.
    pub async fn base(&self, scope: Scope) -> Outcome<String> {
        match scope {
            Scope::Scalr => Ok("/global".to_owned()),
            Scope::Account => self.account().await,
        }
    }

    /// Where paths of this level begin.
    pub async fn at(&self, level: Level) -> Outcome<String> {
        match level {
            Level::Scalr => Ok("/global".to_owned()),
            Level::Account => self.account().await,
            Level::Environment => self.environment().await,
        }
    }

    /// `/account/7`. Where no account is given, that of the environment, or the only one there is.
    pub async fn account(&self) -> Outcome<String> {
        if let Some(id) = self.account.as_deref().filter(|it| it.parse::<i64>().is_ok()) {
            return Ok(format!("/account/{id}"));
        }
        if let (None, Some(_)) = (&self.account, &self.environment) {
            let id = self.environment_id().await?;
            let environment = self.session().await?.environments.iter().find(|it| it.id == id);
            let missing = || Failure::NotFound(format!("there is no environment {id}"));
            return Ok(format!("/account/{}", environment.ok_or_else(missing)?.account_id));
        }
        let accounts = self.session().await?.accounts.iter().map(|it| (it.id, it.name.clone())).collect();
        Ok(format!("/account/{}", choose("account", self.account.as_deref(), accounts)?))
    }

    /// `/user/42`. Where no environment is given, the only one there is.
    pub async fn environment(&self) -> Outcome<String> {
        Ok(format!("/user/{}", self.environment_id().await?))
    }

    pub async fn environment_id(&self) -> Outcome<i64> {
        if let Some(id) = self.environment.as_deref().and_then(|it| it.parse::<i64>().ok()) {
            return Ok(id);
        }
        let account = self.account.as_deref();
        let is_there = |id: i64, name: &str| account.is_none_or(|it| it == name || it.parse() == Ok(id));
        let environments = self.session().await?.environments.iter();
        let environments = environments.filter(|it| is_there(it.account_id, &it.account_name));
        let environments = environments.map(|it| (it.id, it.name.clone())).collect();
        choose("environment", self.environment.as_deref(), environments)
    }

    /// Who is asking, and where they may work. Asked once.
    pub async fn session(&self) -> Outcome<&CurrentSession> {
        let ask = || async {
            let data = self.client.data(&Call::get("/session/")).await?;
            serde_json::from_value(data).map_err(|err| Failure::Other(err.into()))
        };
        self.session.get_or_try_init(ask).await
    }
}

fn choose(what: &str, wanted: Option<&str>, known: Vec<(i64, String)>) -> Outcome<i64> {
    let names = known.iter().map(|(id, name)| format!("{name} ({id})")).collect::<Vec<_>>().join(", ");
    let names = if names.is_empty() { "none".to_owned() } else { names };
    let found: Vec<i64> =
        known.into_iter().filter(|(_, name)| wanted.is_none_or(|it| it == name)).map(|(id, _)| id).collect();
    match (found.as_slice(), wanted) {
        ([id], _) => Ok(*id),
        ([], Some(wanted)) => Err(Failure::NotFound(format!("there is no {what} {wanted:?}; there are: {names}"))),
        (_, Some(wanted)) => {
            Err(Failure::usage(format!("{what} {wanted:?} is not the only one; give its id: {names}")))
        }
        (_, None) => Err(Failure::usage(format!("choose with --{what} one of: {names}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_by_name_or_the_only_one() {
        let known = |names: &[&str]| names.iter().enumerate().map(|(n, it)| (n as i64 + 1, (*it).to_owned())).collect();
        assert_eq!(choose("account", None, known(&["a"])).unwrap(), 1);
        assert_eq!(choose("account", Some("b"), known(&["a", "b"])).unwrap(), 2);
        for (wanted, names) in [(None, vec!["a", "b"]), (None, vec![]), (Some("a"), vec!["a", "a"])] {
            assert!(matches!(choose("account", wanted, known(&names)), Err(Failure::Usage(_))), "{wanted:?} {names:?}");
        }
        assert!(matches!(choose("account", Some("c"), known(&["a"])), Err(Failure::NotFound(_))));
    }
}
