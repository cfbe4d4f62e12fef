//! The vault from outside: what must open opens, and nothing else does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod keys;
mod seals;
mod tampering;

use vault::{KeySource, Place, Vault};

/// With a new key.
fn vault() -> Vault {
    let folder = tempfile::tempdir().unwrap();
    Vault::new(KeySource::create_file(&folder.path().join("master.key")).unwrap())
}

fn place() -> Place {
    let audience = vec!["https://cloud.example:5000".to_owned(), "https://cloud.example:8774".to_owned()];
    Place { audience, ..Place::new("cloud_credentials", "aaaaaaaaaaaa", "password", 1) }
}
