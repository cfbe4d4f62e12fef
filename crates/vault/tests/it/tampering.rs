use proptest::prelude::*;
use secrecy::ExposeSecret;
use vault::{KeySource, Place, Sealed, Vault, password};

use crate::{place, vault};

fn texts() -> impl Strategy<Value = String> {
    // Also what looks like base64, and what does not.
    prop_oneof![".*", "[A-Za-z0-9+/]{0,200}={0,2}", "([A-Za-z0-9+/]{4}){0,60}"]
}

fn places() -> impl Strategy<Value = Place> {
    let table = prop_oneof![Just("cloud_credentials"), Just("api_keys"), Just("")];
    let column = prop_oneof![Just("password"), Just("token"), Just("")];
    (table, ".*", column, any::<i64>(), prop::collection::vec(".*", 0..4))
        .prop_map(|(table, row, column, version, audience)| Place { table, row, column, version, audience })
}

proptest! {
    #[test]
    fn any_secret_comes_back_from_any_place(secret in ".*", place in places()) {
        let vault = vault();
        let sealed = vault.seal(&place, &secret.as_str().into()).unwrap();
        let opened = vault.open(&place, &sealed).unwrap();
        prop_assert_eq!(opened.expose_secret(), &secret);
    }

    #[test]
    fn no_place_is_like_another(first in places(), second in places()) {
        let vault = vault();
        let sealed = vault.seal(&first, &"x".into()).unwrap();
        prop_assert_eq!(vault.open(&second, &sealed).is_ok(), first == second);
    }

    #[test]
    fn garbage_is_refused(is_ours in any::<bool>(), key_id in texts(), wrapped_key in texts(), ciphertext in texts()) {
        let vault = vault();
        let key_id = if is_ours { vault.key_id().0 } else { key_id };
        let sealed = Sealed { key_id, wrapped_key, ciphertext };
        prop_assert!(vault.open(&place(), &sealed).is_err());
        prop_assert!(vault.rewrap(&place(), &sealed, &vault).is_err());
    }

    #[test]
    fn garbage_beside_a_good_half_is_refused(garbage in texts()) {
        let vault = vault();
        let good = vault.seal(&place(), &"x".into()).unwrap();
        let wrapped = Sealed { wrapped_key: garbage.clone(), ..good.clone() };
        prop_assert!(vault.open(&place(), &wrapped).is_err());
        let payload = Sealed { ciphertext: garbage, ..good };
        prop_assert!(vault.open(&place(), &payload).is_err());
    }

    #[test]
    fn one_changed_letter_is_refused(at in any::<prop::sample::Index>(), letter in "[A-Za-z0-9+/=\u{e4}]") {
        let vault = vault();
        let good = vault.seal(&place(), &"hunter2".into()).unwrap();
        let change = |text: &str| {
            let at = at.index(text.len());
            format!("{}{letter}{}", &text[..at], &text[at + 1..])
        };
        let changed = Sealed { ciphertext: change(&good.ciphertext), ..good.clone() };
        prop_assert_eq!(vault.open(&place(), &changed).is_ok(), changed == good);
        let changed = Sealed { wrapped_key: change(&good.wrapped_key), ..good.clone() };
        prop_assert_eq!(vault.open(&place(), &changed).is_ok(), changed == good);
    }

    #[test]
    fn no_text_makes_it_panic(text in texts()) {
        let vault: Vault = vault();
        prop_assert!(vault.verify_check_value(&text).is_err());
        let _ = text.parse::<KeySource>();
        prop_assert_ne!(password::verify(&"x".into(), &text), Some(true));
    }
}
