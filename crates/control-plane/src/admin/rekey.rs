//! A new master key under a running server.
//!
//! All secrets are wrapped anew in one transaction, which also switches the check value: whenever it is interrupted,
//! one key opens all of them, and running it again finishes what was begun. Secrets themselves are not decrypted, so
//! ten thousand take about half a second, during which other writers wait in their queue.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Db, Tx,
    audit::MacKey,
    secrets::{self, Secret},
};
use tracing::info;
use vault::{KeySource, MasterKey, Place, Sealed, Vault, VaultError};

use super::offline::{ADMIN, Done, existing_db};
use crate::{
    config::Config,
    credentials::secret_place,
    first_start,
    lock::Lock,
    secrets::{Secrets, api_key_place, private_key_place},
};

const PAGE: i64 = 500;
/// Who read or sealed a secret just before the switch has used it by then: no cloud call happens in a transaction.
const GRACE: Duration = Duration::from_secs(1);
/// Of looking for secrets that were sealed with the old key until the switch. The second finds none.
const LOOKS: usize = 10;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rekeyed {
    pub n_secrets: u64,
    /// Of the new key.
    pub key_id: String,
    /// Where the new key is.
    pub source: String,
    /// True when only the end of an interrupted run was left to do.
    pub was_interrupted: bool,
    /// `master_key` of the configuration must be set to `source` before the next start.
    pub needs_configuration: bool,
}

/// Without a server. One that started meanwhile would go on sealing with the old key.
pub async fn rekey_offline(config: &Config, to: Option<&str>) -> anyhow::Result<Rekeyed> {
    let _lock = Lock::take(&config.data_dir)?;
    let db = existing_db(config).await?;
    let keys = Keys::read(&db, config, to).await?;
    // Of an interrupted run it may be the new key that opens the database.
    let secrets = Secrets::new(keys.vault());
    let audit_key = first_start::audit_key(&db, &secrets).await?;
    let rekeyed = switch(&db, &secrets, &audit_key, keys).await;
    db.close().await;
    rekeyed
}

/// By the server: until the end it opens what either key has sealed, so no request fails.
pub async fn rekey(
    db: &Db,
    secrets: &Secrets,
    audit_key: &MacKey,
    config: &Config,
    to: Option<&str>,
) -> anyhow::Result<Rekeyed> {
    let keys = Keys::read(db, config, to).await?;
    switch(db, secrets, audit_key, keys).await
}

async fn switch(db: &Db, secrets: &Secrets, audit_key: &MacKey, keys: Keys) -> anyhow::Result<Rekeyed> {
    let new = Vault::new(keys.new.clone());
    let mut n_secrets = 0;
    if !keys.is_switched {
        secrets.replace(keys.vault());
        let mut tx = db.write().await?;
        n_secrets += wrap_anew(&mut tx, &secrets.vault(), &new).await.context("nothing was changed")?;
        first_start::put_check_value(&mut tx, &new).await?;
        let before = json!({ "keyId": keys.vault().key_id().0 });
        let after = json!({ "keyId": new.key_id().0, "nSecrets": n_secrets });
        let done =
            Done { by: ADMIN, account_id: None, noun: "master-key", verb: "rekey", id: new.key_id().0, name: "" };
        done.record(&mut tx, audit_key, Some(&before), Some(&after)).await?;
        tx.commit().await?;
    }
    keys.place.put_new()?;
    let both = keys.switched_vault();
    secrets.replace(both.clone());
    for look in 0.. {
        tokio::time::sleep(GRACE).await;
        let mut tx = db.write().await?;
        let n_late = wrap_anew(&mut tx, &both, &new).await;
        let n_late = n_late.context("the new key is in its place and the old one is still needed; run this again")?;
        tx.commit().await?;
        n_secrets += n_late;
        match n_late {
            0 => break,
            _ if look == LOOKS => {
                bail!("somebody still seals with the old key; is there another server on this database?")
            }
            _ => {}
        }
    }
    keys.place.remove_old()?;
    secrets.replace(new.clone());
    info!(n_secrets, key = %new.key_id(), "the master key is a new one");
    Ok(Rekeyed {
        n_secrets,
        key_id: new.key_id().0,
        source: keys.place.source(),
        was_interrupted: keys.was_interrupted,
        needs_configuration: matches!(keys.place, NewPlace::Elsewhere(_)),
    })
}

/// Where the new key will be.
enum NewPlace {
    /// At the path of the old one.
    Same(PathBuf),
    Elsewhere(KeySource),
}

struct Keys {
    /// That opens most: the old one, or after the switch the new one.
    current: MasterKey,
    new: MasterKey,
    /// All there are, besides.
    others: Vec<MasterKey>,
    place: NewPlace,
    /// The check value is of the new key already.
    is_switched: bool,
    was_interrupted: bool,
}

impl Keys {
    /// Finds the keys of this run, or of one that was interrupted; makes the new key where there is none.
    async fn read(db: &Db, config: &Config, to: Option<&str>) -> anyhow::Result<Keys> {
        let mut tx = db.read().await?;
        let check_value = store::settings::find(&mut tx, first_start::CHECK_VALUE)
            .await?
            .context("the database has no check value")?;
        drop(tx);
        let verify = |key: &MasterKey| Vault::new(key.clone()).verify_check_value(&check_value);
        let fits = |key: &MasterKey| verify(key).is_ok();
        let source = &config.master_key;
        let current = source.read()?;
        // Before a new key is made: with a wrong key nothing is.
        let check_current = || verify(&current).context("the master key is not the one of this database");
        let keys = match (to, source) {
            (Some(to), source) => {
                let to: KeySource = to.parse()?;
                if to == *source {
                    bail!("{to} is where the key is already; without --to a new key takes its place");
                }
                let new = match &to {
                    KeySource::File(path) if !fs::exists(path)? => {
                        check_current()?;
                        KeySource::create_file(path)?
                    }
                    _ => to.read()?,
                };
                let is_switched = fits(&new);
                Keys {
                    new,
                    others: vec![],
                    place: NewPlace::Elsewhere(to),
                    is_switched,
                    was_interrupted: is_switched,
                    current,
                }
            }
            (None, KeySource::File(path)) => {
                let beside = |extension| match with_extension(path, extension) {
                    path if fs::exists(&path).is_ok_and(|it| !it) => Ok(None),
                    path => KeySource::File(path).read().map(Some),
                };
                let place = NewPlace::Same(path.clone());
                match beside("old")? {
                    // The file was exchanged, and the database lost that it was told so.
                    Some(old) if fits(&old) && !fits(&current) => Keys {
                        new: current,
                        current: old,
                        others: vec![],
                        place,
                        is_switched: false,
                        was_interrupted: false,
                    },
                    old => {
                        let begun = match beside("new") {
                            // Killed while it was written: nothing is sealed with half a key.
                            Err(VaultError::BadKey { .. }) if fits(&current) => {
                                fs::remove_file(with_extension(path, "new"))?;
                                None
                            }
                            begun => begun?,
                        };
                        let new = match (begun, &old) {
                            (Some(new), _) => new,
                            // Everything is done but for the end: the key in its place is the new one.
                            (None, Some(_)) => current.clone(),
                            (None, None) => {
                                check_current()?;
                                KeySource::create_file(&with_extension(path, "new"))?
                            }
                        };
                        let is_switched = fits(&new);
                        let others = old.into_iter().collect();
                        Keys { new, others, place, is_switched, was_interrupted: is_switched, current }
                    }
                }
            }
            (None, source) => bail!("the master key comes from {source}, where it cannot be replaced; give --to"),
        };
        if !keys.is_switched {
            verify(&keys.current).context("the master key is not the one of this database")?;
        }
        if Vault::new(keys.new.clone()).key_id() == Vault::new(keys.current.clone()).key_id() && !keys.is_switched {
            bail!("the new key is the old one");
        }
        Ok(keys)
    }

    /// Seals as the database is sealed now, and opens with any.
    fn vault(&self) -> Vault {
        if self.is_switched {
            return self.switched_vault();
        }
        let others = self.others.iter().cloned().chain([self.new.clone()]);
        Vault::with_previous(self.current.clone(), others.collect())
    }

    /// Seals with the new key.
    fn switched_vault(&self) -> Vault {
        let others = self.others.iter().cloned().chain([self.current.clone()]);
        Vault::with_previous(self.new.clone(), others.collect())
    }
}

impl NewPlace {
    fn source(&self) -> String {
        match self {
            NewPlace::Same(path) => KeySource::File(path.clone()).to_string(),
            NewPlace::Elsewhere(source) => source.to_string(),
        }
    }

    /// Puts the new key into its place, where there is a whole key at every instant; the old one stays beside it.
    fn put_new(&self) -> anyhow::Result<()> {
        let NewPlace::Same(path) = self else { return Ok(()) };
        let (new, old) = (with_extension(path, "new"), with_extension(path, "old"));
        let put = || -> io::Result<()> {
            if !fs::exists(&new)? {
                return Ok(());
            }
            if !fs::exists(&old)? {
                fs::hard_link(path, &old)?;
            }
            fs::rename(&new, path)?;
            sync_folder(path)
        };
        put().with_context(|| {
            let new = new.display();
            format!("all secrets are sealed with the key in {new}, but it cannot be put into place; run this again")
        })
    }

    fn remove_old(&self) -> anyhow::Result<()> {
        let NewPlace::Same(path) = self else { return Ok(()) };
        let old = with_extension(path, "old");
        match fs::remove_file(&old) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => {
                Err(err).with_context(|| format!("cannot remove the old key {}; run this again", old.display()))
            }
            _ => Ok(sync_folder(path)?),
        }
    }
}

/// `master.key` gives `master.key.new`.
fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

/// Wraps all secrets that are sealed with another key than `to`; returns how many.
async fn wrap_anew(tx: &mut Tx, from: &Vault, to: &Vault) -> anyhow::Result<u64> {
    let key_id = to.key_id().0;
    let mut n_secrets = 0;
    let mut last: Option<Secret> = None;
    loop {
        let page = secrets::next_with_other_key(tx, &key_id, last.as_ref(), PAGE).await?;
        for secret in &page {
            if let Some(wrapped) = wrap_one(tx, from, to, secret).await? {
                // False when it was replaced meanwhile; then the next look finds it.
                n_secrets += u64::from(secrets::update_wrapped(tx, secret, &key_id, &wrapped).await?);
            }
        }
        match page.into_iter().next_back() {
            Some(secret) => last = Some(secret),
            None => return Ok(n_secrets),
        }
    }
}

/// The data key under the new master key; `None` when the secret is not as it was listed any more.
async fn wrap_one(tx: &mut Tx, from: &Vault, to: &Vault, secret: &Secret) -> anyhow::Result<Option<String>> {
    let place = place(tx, secret).await?;
    let sealed = Sealed {
        key_id: secret.key_id.clone(),
        wrapped_key: secret.wrapped_key.clone(),
        ciphertext: secret.ciphertext.clone(),
    };
    let wrapped = match &place {
        Some(place) => from.rewrap(place, &sealed, to).map_err(anyhow::Error::from),
        None => Err(anyhow::anyhow!("there is no {} {}", secret.owner, secret.owner_id)),
    };
    match wrapped {
        Ok(wrapped) => Ok(Some(wrapped.wrapped_key)),
        // On PostgreSQL others write at the same time.
        Err(_) if secrets::find(tx, &secret.owner, &secret.owner_id, &secret.name).await?.as_ref() != Some(secret) => {
            Ok(None)
        }
        Err(err) => {
            let Secret { owner, owner_id, name, .. } = secret;
            Err(err.context(format!("the {name} of {owner} {owner_id} cannot be wrapped anew")))
        }
    }
}

/// `None` when what it belongs to is gone.
async fn place(tx: &mut Tx, secret: &Secret) -> anyhow::Result<Option<Place>> {
    let id = secret.owner_id.as_str();
    let place = match secret.owner.as_str() {
        "cloud_credentials" => match store::cloud_credentials::find(tx, id).await? {
            Some(credential) => secret_place(id, secret.version, credential.audience.0),
            None => return Ok(None),
        },
        "api_keys" => api_key_place(id),
        "assets" => private_key_place(id),
        "audit" => first_start::audit_place(),
        other => bail!("nothing is known of secrets of {other}; is this program older than the database?"),
    };
    Ok(Some(place))
}
