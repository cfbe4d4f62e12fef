//! An installation opened beside its server, or without one.

use anyhow::{Context, bail};
use secrecy::SecretString;
use serde::Serialize;
use store::{
    Db, Select, Time, Tx,
    audit::{self, MacKey},
    events,
    users::{self, PasswordHash, User},
};

use crate::{
    config::Config,
    first_start,
    http::{auth::password, error::ApiError},
    secrets::Secrets,
};

/// Who acts in the audit log.
pub(super) const ADMIN: &str = "stackyard admin";

pub struct Offline {
    pub(super) db: Db,
    pub(super) secrets: Secrets,
    pub(super) audit_key: MacKey,
}

impl Offline {
    /// Refused where no server has started yet, and with a master key that is not the one of the database. Makes
    /// neither a database nor a key.
    pub async fn open(config: &Config) -> anyhow::Result<Offline> {
        let db = existing_db(config).await?;
        let secrets = first_start::unlock(&db, config).await?;
        let audit_key = first_start::audit_key(&db, &secrets).await?;
        Ok(Offline { db, secrets, audit_key })
    }

    pub async fn close(self) {
        self.db.close().await;
    }

    pub(super) async fn user(&self, tx: &mut Tx, email: &str) -> anyhow::Result<User> {
        let user = users::find_by_email(tx, email).await?;
        user.with_context(|| format!("there is no user {email}; stackyard admin user list shows all"))
    }
}

/// The database of an installation that was started at least once.
pub(super) async fn existing_db(config: &Config) -> anyhow::Result<Db> {
    let nothing = "start the server once, or restore a backup";
    if let Some(path) = config.database_url.strip_prefix("sqlite://")
        && !std::fs::exists(path).with_context(|| format!("cannot look for the database {path}"))?
    {
        bail!("there is no database {path}; {nothing}");
    }
    let db = Db::open(&config.database_url).await.context("cannot open the database")?;
    let mut tx = db.read().await?;
    let n_users = users::list(&mut tx, Select::new().limit(1)).await?.total;
    drop(tx);
    if n_users == 0 {
        bail!("the database holds no installation yet; {nothing}");
    }
    Ok(db)
}

/// Under the rules of the API, whose refusals are told as they are.
pub(super) async fn hash(password: SecretString) -> anyhow::Result<PasswordHash> {
    password::check(&password).map_err(told)?;
    password::hash(password).await.map_err(told)
}

pub(super) fn told(err: ApiError) -> anyhow::Error {
    anyhow::anyhow!("{}", err.message())
}

/// What was done on the machine itself. `before` and `after` are bodies of the API, so they hold no secret.
pub(crate) struct Done<'a> {
    /// What did it: [`ADMIN`], or another part of the program without a user.
    pub by: &'static str,
    /// `None`: the whole installation.
    pub account_id: Option<i64>,
    pub noun: &'static str,
    pub verb: &'static str,
    pub id: String,
    pub name: &'a str,
}

impl Done<'_> {
    /// Writes the audit row and the event, as a change over the API does. The last statement of its transaction.
    pub(crate) async fn record(
        self,
        tx: &mut Tx,
        key: &MacKey,
        before: Option<&impl Serialize>,
        after: Option<&impl Serialize>,
    ) -> anyhow::Result<()> {
        let entry = audit::NewEntry {
            account_id: self.account_id.unwrap_or_default(),
            at: Time::now(),
            actor_kind: "system".to_owned(),
            actor_id: String::new(),
            actor_name: self.by.to_owned(),
            remote_addr: "local".to_owned(),
            action: format!("{}.{}", self.noun, self.verb),
            object_type: self.noun.to_owned(),
            object_id: self.id.clone(),
            object_name: self.name.to_owned(),
            before: before.map(serde_json::to_value).transpose()?,
            after: after.map(serde_json::to_value).transpose()?,
            request_id: String::new(),
            environment_id: None,
        };
        audit::record(tx, key, &entry).await?;
        let event = events::NewEvent {
            account_id: self.account_id,
            environment_id: None,
            credential_id: None,
            topic: self.noun.to_owned(),
            object_id: self.id,
            kind: self.verb.to_owned(),
            body: entry.after.unwrap_or_default(),
            at: entry.at,
        };
        events::insert(tx, &event).await?;
        Ok(())
    }
}
