//! SSH keys that servers are launched with.

use anyhow::{Context, anyhow};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use pkcs1::{EncodeRsaPrivateKey, LineEnding, RsaPrivateKeyRef};
use pkcs8::PrivateKeyInfoRef;
use secrecy::SecretString;
use ssh_key::{
    HashAlg, Mpint, PublicKey,
    public::{KeyData, RsaPublicKey},
};

/// What `ssh-keygen` makes of RSA where it is not told otherwise.
const SIZE: KeySize = KeySize::Rsa3072;

pub struct Generated {
    /// One line of `authorized_keys`, with the comment at its end.
    pub public: String,
    /// PEM of PKCS #1, as Nova gave it when it made keys itself: `ssh`, PuTTY and OpenSSL take it.
    pub private: SecretString,
}

/// Takes some tenths of a second of a core.
pub fn generate(comment: &str) -> anyhow::Result<Generated> {
    let pair = KeyPair::generate(SIZE).context("cannot generate an RSA key")?;
    let der = AsDer::<Pkcs8V1Der>::as_der(&pair).context("cannot write an RSA key")?;
    let unreadable = "cannot read an RSA key that was just made";
    let info = PrivateKeyInfoRef::try_from(der.as_ref()).context(unreadable)?;
    let key = RsaPrivateKeyRef::try_from(info.private_key.as_bytes()).context(unreadable)?;
    // Without the standard library its errors are no errors of it.
    let number = |it: &[u8]| Mpint::from_positive_bytes(it).map_err(|err| anyhow!("{unreadable}: {err}"));
    let public = RsaPublicKey { e: number(key.public_exponent.as_bytes())?, n: number(key.modulus.as_bytes())? };
    let public = PublicKey::new(KeyData::Rsa(public), comment).to_openssh();
    let public = public.map_err(|err| anyhow!("cannot write a public key: {err}"))?;
    let private = key.to_pkcs1_pem(LineEnding::LF).context("cannot write a private key")?;
    Ok(Generated { public, private: SecretString::from(private.as_str()) })
}

/// `SHA256:…`, as `ssh-keygen -l` tells it.
pub fn fingerprint(public: &str) -> Option<String> {
    Some(PublicKey::from_openssh(public).ok()?.fingerprint(HashAlg::Sha256).to_string())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, process::Command};

    use secrecy::ExposeSecret;

    use super::*;

    fn ssh_keygen(arguments: &[&str]) -> String {
        let ran = Command::new("ssh-keygen").args(arguments).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn openssh_takes_a_generated_key() {
        let Generated { public, private } = generate("stackyard-1").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, private.expose_secret()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let file = file.to_str().unwrap();
        let without_comment = public.strip_suffix(" stackyard-1").unwrap();
        assert_eq!(ssh_keygen(&["-y", "-f", file]), without_comment);
        fs::write(format!("{file}.pub"), &public).unwrap();
        let expected = format!("3072 {} stackyard-1 (RSA)", fingerprint(&public).unwrap());
        assert_eq!(ssh_keygen(&["-l", "-f", &format!("{file}.pub")]), expected);
        assert!(private.expose_secret().starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    }

    #[test]
    fn no_two_are_the_same_and_a_wrong_one_has_no_fingerprint() {
        assert_ne!(generate("a").unwrap().public, generate("a").unwrap().public);
        assert_eq!(fingerprint("ssh-rsa nothing"), None);
    }
}
