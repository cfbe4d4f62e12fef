//! Backups: all rows of one moment, without the master key.

use anyhow::{Context, bail};
use api_types::audit::AuditVerification;
use secrecy::ExposeSecret;
use store::{Db, audit::MacKey};
use tokio::io::{AsyncBufRead, AsyncWrite};
use vault::{Vault, VaultError};

use super::{audit, offline::existing_db};
use crate::{config::Config, first_start, lock::Lock, secrets::Secrets};

#[derive(Debug)]
pub struct Restored {
    pub n_rows: u64,
    /// A chain that is broken was so in the backup: to refuse it would help nobody.
    pub audit: Vec<AuditVerification>,
}

/// Writes a snapshot, also while a server runs, and returns the number of rows.
pub async fn backup(config: &Config, out: &mut (impl AsyncWrite + Unpin)) -> anyhow::Result<u64> {
    let db = existing_db(config).await?;
    let mut tx = db.read().await?;
    let n_rows = store::backup::export(&mut tx, env!("CARGO_PKG_VERSION"), out).await?;
    drop(tx);
    db.close().await;
    Ok(n_rows)
}

/// Into the empty database of `config`, while no server runs on its data directory. Nothing is kept unless its master
/// key opens what was restored.
pub async fn restore(config: &Config, input: &mut (impl AsyncBufRead + Unpin)) -> anyhow::Result<Restored> {
    let _lock = Lock::take(&config.data_dir)?;
    let source = &config.master_key;
    let key = source.read().with_context(|| {
        format!("the master key of the backup is needed and {source} does not give it; put it there first")
    })?;
    let vault = Vault::new(key);
    let db = Db::open(&config.database_url).await.context("cannot open the database")?;
    let restored = restore_into(&db, vault, input).await;
    db.close().await;
    restored
}

async fn restore_into(db: &Db, vault: Vault, input: &mut (impl AsyncBufRead + Unpin)) -> anyhow::Result<Restored> {
    let mut tx = db.write().await?;
    let n_rows = store::backup::import(&mut tx, input).await?;
    let Some(check_value) = store::settings::find(&mut tx, first_start::CHECK_VALUE).await? else {
        bail!(
            "the backup has no check value of a master key, so it is not one of an installation; nothing was restored"
        );
    };
    vault.verify_check_value(&check_value).map_err(|err| match err {
        VaultError::WrongKey { expected, found } => anyhow::anyhow!(
            "wrong key: the backup is sealed with master key {expected}, and this is {found}; nothing was restored"
        ),
        other => anyhow::Error::from(other).context("nothing was restored"),
    })?;
    let secrets = Secrets::new(vault);
    let audit_key = secrets.open(&mut tx, &first_start::audit_place()).await.context("nothing was restored")?;
    let audit_key = MacKey::new(audit_key.expose_secret().as_bytes());
    first_start::begin_logs(&mut tx, &audit_key).await?;
    let audit = audit::verify_all(&mut tx, &audit_key).await?;
    tx.commit().await?;
    Ok(Restored { n_rows, audit })
}
