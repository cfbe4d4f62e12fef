//! Secrets that are not typed: tokens, API keys, session cookies.

use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::VaultError;

/// Random bytes as base64url without padding.
pub fn new_secret(n_bytes: usize) -> Result<SecretString, VaultError> {
    let mut bytes = Zeroizing::new(vec![0; n_bytes]);
    rand::fill(&mut bytes)?;
    Ok(SecretString::from(Zeroizing::new(URL_SAFE_NO_PAD.encode(&*bytes)).as_str()))
}

/// To find a random secret by. Not for passwords.
pub fn sha256_hex(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// Takes as long whatever differs; a different length shows.
pub fn constant_time_eq(a: impl AsRef<[u8]>, b: impl AsRef<[u8]>) -> bool {
    a.as_ref().ct_eq(b.as_ref()).into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn secrets_are_random_and_of_the_length_asked_for() {
        let (a, b) = (new_secret(32).unwrap(), new_secret(32).unwrap());
        assert_eq!(a.expose_secret().len(), 43);
        assert_ne!(a.expose_secret(), b.expose_secret());
        assert_eq!(new_secret(0).unwrap().expose_secret(), "");
    }

    #[test]
    fn hash_and_comparison() {
        assert_eq!(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(constant_time_eq("same", "same"));
        assert!(!constant_time_eq("same", "Same"));
        assert!(!constant_time_eq("same", "sam"));
    }
}
