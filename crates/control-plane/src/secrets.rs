//! Sealed secrets in the database, and the keys that open them.

use std::sync::{PoisonError, RwLock};

use secrecy::SecretString;
use store::{DbError, Tx, secrets::Secret};
use vault::{Place, Sealed, Vault, VaultError};

/// Opens with the key that sealed; seals with the newest.
pub struct Secrets(RwLock<Vault>);

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the secret of {table} {row} cannot be opened")]
    Vault {
        table: &'static str,
        row: String,
        #[source]
        source: VaultError,
    },
}

impl Secrets {
    pub fn new(vault: Vault) -> Self {
        Secrets(RwLock::new(vault))
    }

    pub fn vault(&self) -> Vault {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on secrets are sealed with `vault`; during a re-key it still opens with the key before.
    pub fn replace(&self, vault: Vault) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = vault;
    }

    pub async fn put(&self, tx: &mut Tx, place: &Place, secret: &SecretString) -> Result<(), SecretError> {
        let failed = |source| SecretError::Vault { table: place.table, row: place.row.clone(), source };
        let Sealed { key_id, wrapped_key, ciphertext } = self.vault().seal(place, secret).map_err(failed)?;
        let secret = Secret {
            owner: place.table.to_owned(),
            owner_id: place.row.clone(),
            name: place.column.to_owned(),
            version: place.version,
            key_id,
            wrapped_key,
            ciphertext,
        };
        store::secrets::put(tx, &secret).await?;
        Ok(())
    }

    pub async fn open(&self, tx: &mut Tx, place: &Place) -> Result<SecretString, SecretError> {
        let row = store::secrets::get(tx, place.table, &place.row, place.column).await?;
        let failed = |source| SecretError::Vault { table: place.table, row: place.row.clone(), source };
        let sealed = Sealed { key_id: row.key_id, wrapped_key: row.wrapped_key, ciphertext: row.ciphertext };
        self.vault().open(place, &sealed).map_err(failed)
    }
}

/// Where the secret of an API key is.
pub fn api_key_place(id: &str) -> Place {
    Place { table: "api_keys", row: id.to_owned(), column: "secret_key", version: 1, audience: Vec::new() }
}

/// Where the private key of a farm's keypair is.
pub fn private_key_place(asset_id: &str) -> Place {
    Place { table: "assets", row: asset_id.to_owned(), column: "private_key", version: 1, audience: Vec::new() }
}
