use std::{fmt, str, sync::Arc};

use aws_lc_rs::{hmac, rand};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{
    KeyId, MasterKey, Place, VaultError,
    seal::{decrypt, encrypt},
    token::constant_time_eq,
};

/// The master key, in memory. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Keys>);

struct Keys {
    /// Seals and opens.
    current: Key,
    /// Only open: what has not been wrapped anew yet.
    previous: Vec<Key>,
}

struct Key {
    id: KeyId,
    /// Encrypts data keys.
    wrapping: Zeroizing<[u8; 32]>,
    master: MasterKey,
}

/// A secret as it is stored. Says nothing without the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub key_id: String,
    /// The data key, encrypted. Base64.
    pub wrapped_key: String,
    /// The secret, encrypted. Base64.
    pub ciphertext: String,
}

const CHECK_PURPOSE: &str = "stackyard check value v1";

impl Vault {
    pub fn new(key: MasterKey) -> Vault {
        Vault::with_previous(key, Vec::new())
    }

    /// Opens what any of the keys has sealed; seals with `key`. For the time between two master keys.
    pub fn with_previous(key: MasterKey, previous: Vec<MasterKey>) -> Vault {
        Vault(Arc::new(Keys { current: Key::new(key), previous: previous.into_iter().map(Key::new).collect() }))
    }

    pub fn key_id(&self) -> KeyId {
        self.0.current.id.clone()
    }

    /// Kept in the database, so that a wrong master key is noticed at the start. The same each time.
    pub fn check_value(&self) -> String {
        let key = &self.0.current;
        format!("{}:{}", key.id, hex::encode(*key.derive(CHECK_PURPOSE)))
    }

    /// `WrongKey` when `stored` is of another master key than the current one.
    pub fn verify_check_value(&self, stored: &str) -> Result<(), VaultError> {
        let (id, _) = stored.split_once(':').ok_or(VaultError::BadCheckValue)?;
        if id != self.0.current.id.0 {
            return Err(VaultError::WrongKey { expected: KeyId(id.to_owned()), found: self.key_id() });
        }
        if constant_time_eq(stored, self.check_value()) { Ok(()) } else { Err(VaultError::BadCheckValue) }
    }

    /// With a new random data key each time.
    pub fn seal(&self, place: &Place, secret: &SecretString) -> Result<Sealed, VaultError> {
        let key = &self.0.current;
        let mut data_key = Zeroizing::new([0; 32]);
        rand::fill(&mut *data_key)?;
        let ciphertext = encrypt(&data_key, &place.associated_data("payload"), secret.expose_secret().as_bytes())?;
        Ok(Sealed { key_id: key.id.0.clone(), wrapped_key: key.wrap(place, &data_key)?, ciphertext })
    }

    /// `WrongKey` where no master key here has sealed it; `Altered` where anything else differs from when it was sealed.
    pub fn open(&self, place: &Place, sealed: &Sealed) -> Result<SecretString, VaultError> {
        let data_key = self.unwrap_key(place, sealed)?;
        let plain = decrypt(&data_key, &place.associated_data("payload"), &sealed.ciphertext);
        let plain = plain.ok_or_else(|| altered(place))?;
        let text = str::from_utf8(&plain).map_err(|_| altered(place))?;
        Ok(SecretString::from(text))
    }

    /// Seals the data key with the master key of `to`; the secret itself is not decrypted and stays byte for byte.
    pub fn rewrap(&self, place: &Place, sealed: &Sealed, to: &Vault) -> Result<Sealed, VaultError> {
        let data_key = self.unwrap_key(place, sealed)?;
        let key = &to.0.current;
        let wrapped_key = key.wrap(place, &data_key)?;
        Ok(Sealed { key_id: key.id.0.clone(), wrapped_key, ciphertext: sealed.ciphertext.clone() })
    }

    fn unwrap_key(&self, place: &Place, sealed: &Sealed) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let keys = [&self.0.current].into_iter().chain(&self.0.previous);
        let key = keys
            .into_iter()
            .find(|it| it.id.0 == sealed.key_id)
            .ok_or_else(|| VaultError::WrongKey { expected: KeyId(sealed.key_id.clone()), found: self.key_id() })?;
        let bytes = decrypt(&key.wrapping, &key.wrapping_data(place), &sealed.wrapped_key);
        let bytes = bytes.ok_or_else(|| altered(place))?;
        let mut data_key = Zeroizing::new([0; 32]);
        if bytes.len() != data_key.len() {
            return Err(altered(place));
        }
        data_key.copy_from_slice(&bytes);
        Ok(data_key)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Key {
    fn new(master: MasterKey) -> Key {
        let mut key = Key { id: master.id(), wrapping: Zeroizing::new([0; 32]), master };
        key.wrapping = key.derive("stackyard wrapping v1");
        key
    }

    /// A key for one purpose. HMAC as the expanding half of HKDF (RFC 5869), which is all a random key needs.
    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*self.master.0), purpose.as_bytes());
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(tag.as_ref());
        key
    }

    fn wrap(&self, place: &Place, data_key: &[u8; 32]) -> Result<String, VaultError> {
        encrypt(&self.wrapping, &self.wrapping_data(place), data_key)
    }

    fn wrapping_data(&self, place: &Place) -> Vec<u8> {
        place.associated_data(&format!("key {}", self.id))
    }
}

fn altered(place: &Place) -> VaultError {
    VaultError::Altered { table: place.table, row: place.row.clone(), column: place.column }
}
