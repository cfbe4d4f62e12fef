//! Passwords of people: argon2id with 19 MiB, two passes, one lane (OWASP's first choice). Both functions take tens of
//! milliseconds of CPU; call them where blocking is allowed.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};

use crate::VaultError;

/// In PHC format, with a random salt.
pub fn hash(password: &SecretString) -> Result<String, VaultError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|_| VaultError::Crypto)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password(password.expose_secret().as_bytes()).map_err(|_| VaultError::Crypto)?;
    Ok(hash.to_string())
}

/// With the parameters in `hash`. `None` for a `hash` that is none: then nothing was worked out.
pub fn verify(password: &SecretString, hash: &str) -> Option<bool> {
    let password = password.expose_secret().as_bytes();
    let hash = PasswordHash::new(hash).ok()?;
    Some(Argon2::default().verify_password(password, &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_verified_against_its_hash_alone() {
        let hashed = hash(&"correct horse".into()).unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert_eq!(verify(&"correct horse".into(), &hashed), Some(true));
        assert_eq!(verify(&"correct Horse".into(), &hashed), Some(false));
        assert_eq!(verify(&"".into(), &hashed), Some(false));
        assert_ne!(hashed, hash(&"correct horse".into()).unwrap());
        for garbage in ["", "$argon2id$", "plain", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA", "\0"] {
            assert_ne!(verify(&"correct horse".into(), garbage), Some(true), "{garbage}");
        }
    }
}
