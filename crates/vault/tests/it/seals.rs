use secrecy::{ExposeSecret, SecretString};
use vault::{Place, Sealed, Vault, VaultError};

use crate::{place, vault};

fn refused(vault: &Vault, place: &Place, sealed: &Sealed) {
    let err = vault.open(place, sealed).unwrap_err();
    assert!(matches!(err, VaultError::Altered { .. }), "{err:?}");
}

#[test]
fn what_is_sealed_is_opened() {
    let vault = vault();
    for text in ["", "hunter2", "pässwörd \u{1f98a}\0", &"long".repeat(50_000)] {
        let sealed = vault.seal(&place(), &text.into()).unwrap();
        assert_eq!(vault.open(&place(), &sealed).unwrap().expose_secret(), text);
        assert!(!format!("{sealed:?}").contains("hunter2"));
    }
}

#[test]
fn each_seal_is_another() {
    let vault = vault();
    let (first, second) = (vault.seal(&place(), &"x".into()).unwrap(), vault.seal(&place(), &"x".into()).unwrap());
    assert_ne!(first.ciphertext, second.ciphertext);
    assert_ne!(first.wrapped_key, second.wrapped_key);
    // The data key of one does not open the other.
    refused(&vault, &place(), &Sealed { wrapped_key: first.wrapped_key, ..second });
}

#[test]
fn a_wrong_key_says_which_is_right() {
    let (ours, other) = (vault(), vault());
    let sealed = ours.seal(&place(), &"x".into()).unwrap();
    match other.open(&place(), &sealed).unwrap_err() {
        VaultError::WrongKey { expected, found } => assert_eq!((expected, found), (ours.key_id(), other.key_id())),
        err => panic!("{err:?}"),
    }
    // Saying that it was sealed with the other one does not help.
    refused(&other, &place(), &Sealed { key_id: other.key_id().0, ..sealed });
}

#[test]
fn a_secret_opens_in_its_own_place_alone() {
    let vault = vault();
    let sealed = vault.seal(&place(), &"x".into()).unwrap();
    let one = "https://cloud.example:5000".to_owned();
    let elsewhere = [
        Place { table: "api_keys", ..place() },
        Place { row: "bbbbbbbbbbbb".to_owned(), ..place() },
        Place { column: "token", ..place() },
        Place { version: 2, ..place() },
        Place { audience: vec![], ..place() },
        Place { audience: vec![one.clone()], ..place() },
        Place { audience: vec!["https://evil.example:5000".to_owned(), place().audience[1].clone()], ..place() },
        Place { audience: [place().audience, vec![one.clone()]].concat(), ..place() },
        // The same letters, divided otherwise.
        Place { table: "cloud_credential", row: "saaaaaaaaaaaa".to_owned(), ..place() },
        Place { audience: vec![place().audience.concat()], ..place() },
    ];
    for place in elsewhere {
        refused(&vault, &place, &sealed);
        assert!(vault.rewrap(&place, &sealed, &vault).is_err(), "{place:?}");
    }
}

#[test]
fn swapped_rows_are_refused() {
    let vault = vault();
    let there = Place { row: "bbbbbbbbbbbb".to_owned(), ..place() };
    let here = vault.seal(&place(), &"here".into()).unwrap();
    let sealed = vault.seal(&there, &"there".into()).unwrap();
    refused(&vault, &place(), &sealed);
    refused(&vault, &there, &here);
    refused(&vault, &place(), &Sealed { ciphertext: sealed.ciphertext.clone(), ..here.clone() });
    refused(&vault, &place(), &Sealed { wrapped_key: sealed.wrapped_key, ..here });
}

#[test]
fn a_truncated_ciphertext_is_refused() {
    let vault = vault();
    let sealed = vault.seal(&place(), &"hunter2".into()).unwrap();
    for n in 0..sealed.ciphertext.len() {
        refused(&vault, &place(), &Sealed { ciphertext: sealed.ciphertext[..n].to_owned(), ..sealed.clone() });
    }
    for n in 0..sealed.wrapped_key.len() {
        refused(&vault, &place(), &Sealed { wrapped_key: sealed.wrapped_key[..n].to_owned(), ..sealed.clone() });
    }
}

#[test]
fn rewrapping_leaves_the_payload_byte_for_byte() {
    let (old, new) = (vault(), vault());
    let sealed = old.seal(&place(), &"hunter2".into()).unwrap();
    let rewrapped = old.rewrap(&place(), &sealed, &new).unwrap();
    assert_eq!(rewrapped.ciphertext, sealed.ciphertext);
    assert_ne!(rewrapped.wrapped_key, sealed.wrapped_key);
    assert_eq!(rewrapped.key_id, new.key_id().0);
    assert_eq!(new.open(&place(), &rewrapped).unwrap().expose_secret(), "hunter2");
    assert!(matches!(old.open(&place(), &rewrapped), Err(VaultError::WrongKey { .. })));
    assert!(matches!(new.rewrap(&place(), &sealed, &old), Err(VaultError::WrongKey { .. })));
}

#[test]
fn between_two_keys_both_open_and_the_new_one_seals() {
    let folder = tempfile::tempdir().unwrap();
    let key = |name| vault::KeySource::create_file(&folder.path().join(name)).unwrap();
    let (old_key, new_key) = (key("old"), key("new"));
    let old = Vault::new(old_key.clone());
    let both = Vault::with_previous(new_key.clone(), vec![old_key]);
    let before = old.seal(&place(), &"before".into()).unwrap();
    let after = both.seal(&place(), &SecretString::from("after")).unwrap();
    assert_eq!(both.open(&place(), &before).unwrap().expose_secret(), "before");
    assert_eq!(both.open(&place(), &after).unwrap().expose_secret(), "after");
    let rewrapped = both.rewrap(&place(), &before, &both).unwrap();
    assert_eq!(Vault::new(new_key).open(&place(), &rewrapped).unwrap().expose_secret(), "before");
}
