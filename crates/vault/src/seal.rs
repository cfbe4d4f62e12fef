//! AES-256-GCM with a random nonce before the ciphertext, as base64.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::VaultError;

pub(crate) fn encrypt(key: &[u8; 32], associated: &[u8], plain: &[u8]) -> Result<String, VaultError> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key)?;
    // Room for the tag: nothing is reallocated, so no copy of the plain text is left behind.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len() + AES_256_GCM.tag_len()));
    buffer.extend(plain);
    let nonce = key.seal_in_place_append_tag(Aad::from(associated), &mut *buffer)?;
    Ok(STANDARD.encode([nonce.as_ref().as_slice(), &buffer].concat()))
}

/// `None` for whatever was not made by [`encrypt`] with the same key and associated data.
pub(crate) fn decrypt(key: &[u8; 32], associated: &[u8], sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = STANDARD.decode(sealed).ok()?;
    let (nonce, ciphertext) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let n_bytes = key.open_in_place(nonce, Aad::from(associated), &mut buffer).ok()?.len();
    buffer.truncate(n_bytes);
    Some(buffer)
}
