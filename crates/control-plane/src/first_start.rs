//! The first start: the master key, the administrator, one account, one environment, the vSphere sizes.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use store::{
    Db, Select, Status, Time, Tx,
    api_keys::ApiKey,
    audit::{self, MacKey},
    users::{NewUser, PasswordHash},
    vmware_instance_types::VmwareInstanceType,
};
use tracing::info;
use vault::{KeySource, Place, Vault};

use crate::{
    admin::offline::Done,
    config::Config,
    http::{accounts, acl_roles, api_keys, environments, users},
    secrets::{Secrets, api_key_place},
};

pub const CHECK_VALUE: &str = "vault-check-value";
/// When the logs got their first entries.
const LOGS_BEGUN: &str = "audit-begun";
const EMAIL: &str = "admin@localhost";
/// Name, MiB, vCPUs: the sizes the original began with.
const SIZES: [(&str, i64, i64); 4] = [("micro", 1024, 1), ("small", 2048, 2), ("medium", 4096, 4), ("large", 8192, 8)];

/// Reads the master key and proves that it is the one of this database. Only an empty database gets a new one: a key
/// file that was lost is never replaced over secrets that it sealed.
pub async fn unlock(db: &Db, config: &Config) -> anyhow::Result<Secrets> {
    let mut tx = db.write().await?;
    let check_value = store::settings::find(&mut tx, CHECK_VALUE).await?;
    let source = &config.master_key;
    let vault = match check_value {
        Some(check_value) => {
            let key = source.read().with_context(|| {
                format!(
                    "the database is sealed with a master key that {} does not give; restore the key",
                    config.master_key
                )
            })?;
            let vault = Vault::new(key);
            match vault.verify_check_value(&check_value) {
                Ok(()) => vault,
                Err(err) => half_rekeyed(source)
                    .into_iter()
                    .find(|it| it.verify_check_value(&check_value).is_ok())
                    .ok_or(err)
                    .context("the master key is not the one of this database")?,
            }
        }
        None => {
            if !store::secrets::count_by_key(&mut tx).await?.is_empty() {
                bail!("the database holds secrets and does not say of which master key; restore a backup");
            }
            let key = match source {
                KeySource::File(path) if !path.exists() => {
                    info!("creating the master key {}; keep a copy of it apart from backups", path.display());
                    KeySource::create_file(path)?
                }
                _ => source.read()?,
            };
            let vault = Vault::new(key);
            // On a database that several control planes begin at once, that of another may be there by now.
            let check_value = store::settings::insert_if_absent(&mut tx, CHECK_VALUE, &vault.check_value()).await?;
            let wrong = "another control plane has begun this database with another master key; give this one the same";
            vault.verify_check_value(&check_value).context(wrong)?;
            vault
        }
    };
    tx.commit().await?;
    Ok(Secrets::new(vault))
}

/// The keys beside the one in its place, of a re-key that was cut short: a new one whose file was not renamed yet, or
/// the old one where the database came back from before the switch. Running the re-key again finishes it.
fn half_rekeyed(source: &KeySource) -> Vec<Vault> {
    let KeySource::File(path) = source else { return Vec::new() };
    let beside = [".new", ".old"].map(|extension| {
        let mut name = path.clone().into_os_string();
        name.push(extension);
        KeySource::File(name.into())
    });
    beside.iter().filter_map(|it| it.read().ok()).map(Vault::new).collect()
}

/// Keeps the check value in step with a new master key.
pub async fn put_check_value(tx: &mut Tx, vault: &Vault) -> Result<(), store::DbError> {
    store::settings::put(tx, CHECK_VALUE, &vault.check_value()).await
}

pub fn audit_place() -> Place {
    Place::new("audit", "chain", "mac_key", 1)
}

/// The key of the audit chain: random, sealed like every secret.
pub async fn audit_key(db: &Db, secrets: &Secrets) -> anyhow::Result<MacKey> {
    let place = audit_place();
    let mut tx = db.write().await?;
    let secret = match store::secrets::find(&mut tx, place.table, &place.row, place.column).await? {
        Some(_) => secrets.open(&mut tx, &place).await?,
        None => {
            let secret = vault::token::new_secret(32)?;
            secrets.put(&mut tx, &place, &secret).await?;
            secret
        }
    };
    let key = MacKey::new(secret.expose_secret().as_bytes());
    begin_logs(&mut tx, &key).await?;
    tx.commit().await?;
    Ok(key)
}

/// Once for a database: gives a first entry to each log in which nothing has happened yet. From then on an empty log is
/// one that was emptied. A log that has entries and no head is left as it is: something is wrong with it.
pub async fn begin_logs(tx: &mut Tx, key: &MacKey) -> anyhow::Result<()> {
    if store::settings::find(tx, LOGS_BEGUN).await?.is_some() {
        return Ok(());
    }
    for account_id in audit::accounts(tx).await? {
        let entries = Select::new().eq("account_id", account_id).limit(1);
        if audit::head(tx, account_id).await?.is_none() && audit::list(tx, entries).await?.total == 0 {
            begin_log(tx, key, account_id).await?;
        }
    }
    store::settings::put(tx, LOGS_BEGUN, &Time::now().to_string()).await?;
    Ok(())
}

/// The first entry of the log of a new account.
pub async fn begin_log(tx: &mut Tx, key: &MacKey, account_id: i64) -> Result<(), store::DbError> {
    let entry = audit::NewEntry {
        account_id,
        at: Time::now(),
        actor_kind: "system".to_owned(),
        actor_id: String::new(),
        actor_name: "stackyard".to_owned(),
        remote_addr: "local".to_owned(),
        action: "audit.begin".to_owned(),
        object_type: "audit".to_owned(),
        object_id: account_id.to_string(),
        object_name: String::new(),
        before: None,
        after: None,
        request_id: String::new(),
        environment_id: None,
    };
    audit::record(tx, key, &entry).await?;
    Ok(())
}

/// Fills an empty installation and returns where the administrator's login is written; `None` when there are users.
pub async fn fill(db: &Db, secrets: &Secrets, audit_key: &MacKey, config: &Config) -> anyhow::Result<Option<PathBuf>> {
    let mut tx = db.write().await?;
    if store::users::list(&mut tx, Select::new().limit(1)).await?.total > 0 {
        return Ok(None);
    }
    let now = Time::now();
    let account = store::accounts::insert(&mut tx, "Main", now).await?;
    acl_roles::insert_built_in(&mut tx, account.id).await?;
    let environment = store::environments::insert(&mut tx, account.id, "Default", now).await?;
    let password = vault::token::new_secret(18)?;
    let hashing = password.clone();
    let hash = tokio::task::spawn_blocking(move || vault::password::hash(&hashing)).await??;
    let administrator = NewUser {
        account_id: None,
        email: EMAIL.to_owned(),
        name: "Administrator".to_owned(),
        password_hash: PasswordHash(hash),
        is_admin: true,
    };
    let user = store::users::insert(&mut tx, &administrator, now).await?;
    let (key_id, secret_key) = new_api_key(&mut tx, secrets, user.id, "initial", None, now).await?;
    begin_log(&mut tx, audit_key, account.id).await?;
    let by = "first start";
    let done = |account_id, noun, id, name| Done { by, account_id, noun, verb: "create", id, name };
    let view = accounts::view(account.clone());
    let created = done(None, "accounts", account.id.to_string(), &*account.name);
    created.record(&mut tx, audit_key, None::<&()>, Some(&view)).await?;
    let view = environments::view(environment.clone());
    let created = done(Some(account.id), "environments", environment.id.to_string(), &*environment.name);
    created.record(&mut tx, audit_key, None::<&()>, Some(&view)).await?;
    let id = user.id.to_string();
    done(None, "users", id, EMAIL).record(&mut tx, audit_key, None::<&()>, Some(&users::view(user))).await?;
    let view = api_keys::view(store::api_keys::get(&mut tx, &key_id).await?);
    let created = done(None, "api-keys", key_id.clone(), "initial");
    created.record(&mut tx, audit_key, None::<&()>, Some(&view)).await?;
    for (name, memory_mib, vcpus) in SIZES {
        let id = uuid::Uuid::new_v4().simple().to_string().chars().take(12).collect();
        let size = VmwareInstanceType { id, name: name.to_owned(), memory_mib, vcpus, cores_per_socket: 1 };
        store::vmware_instance_types::insert(&mut tx, &size).await?;
    }
    // Written before the commit: killed in between, the next start begins anew and writes it again.
    let path = config.data_dir.join("initial-admin.json");
    let login = json!({
        "email": EMAIL,
        "password": password.expose_secret(),
        "apiKeyId": key_id,
        "apiSecretKey": secret_key.expose_secret(),
        "accountId": account.id,
        "environmentId": environment.id,
    });
    write_secret_file(&path, &format!("{login:#}\n"))?;
    tx.commit().await?;
    info!("created the administrator {EMAIL}; the password and an API key are in {}", path.display());
    Ok(Some(path))
}

/// Returns the id and the secret key, which is shown this once.
pub async fn new_api_key(
    tx: &mut Tx,
    secrets: &Secrets,
    user_id: i64,
    name: &str,
    expires_at: Option<Time>,
    now: Time,
) -> anyhow::Result<(String, SecretString)> {
    let random = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
    let id = format!("APIK{}", random.chars().take(16).collect::<String>());
    let secret_key = vault::token::new_secret(30)?;
    let key = ApiKey {
        id: id.clone(),
        user_id,
        name: name.to_owned(),
        status: Status::Active,
        created_at: now,
        last_used_at: None,
        expires_at,
    };
    store::api_keys::insert(tx, &key).await?;
    secrets.put(tx, &api_key_place(&id), &secret_key).await?;
    Ok((id, secret_key))
}

/// Replaces a file that only we may read.
pub fn write_secret_file(path: &Path, text: &str) -> anyhow::Result<()> {
    let Some(folder) = path.parent() else { bail!("{} is no file", path.display()) };
    let new = folder.join(format!(".{}.new", path.file_name().unwrap_or_default().to_string_lossy()));
    let _ = std::fs::remove_file(&new);
    let written = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}
