use std::{
    env,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use vault::{KeySource, Vault, VaultError};

use crate::vault;

fn read(path: &Path) -> Result<Vault, VaultError> {
    KeySource::File(path.to_owned()).read().map(Vault::new)
}

#[test]
fn a_new_key_is_in_a_file_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let made = Vault::new(KeySource::create_file(&path).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.len() == 65 && text.ends_with('\n') && text.trim().bytes().all(|it| it.is_ascii_hexdigit()));
    assert_eq!(read(&path).unwrap().key_id(), made.key_id());
    assert_eq!(made.key_id().to_string().len(), 16);
    assert!(!text.contains(&made.key_id().to_string()));

    let again = KeySource::create_file(&path).unwrap_err();
    assert!(matches!(again, VaultError::KeyFile { .. }), "{again:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "the old key is still there");
}

#[test]
fn the_id_of_a_key_is_the_same_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    fs::write(&path, "00".repeat(32)).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    assert_eq!(read(&path).unwrap().key_id().0, "9d04bb3dc7f038a8");
}

#[test]
fn a_key_file_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    KeySource::create_file(&path).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o601] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let err = read(&path).unwrap_err();
        assert!(matches!(err, VaultError::KeyFileOpen { .. }), "{err:?}");
        assert!(err.to_string().ends_with(&format!("run: chmod 600 {}", path.display())), "{err}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    read(&path).unwrap();
}

#[test]
fn what_is_no_key_is_refused_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    for text in ["", "\n", "secret!", &"ab".repeat(31), &"ab".repeat(33), &"xy".repeat(32), &"ab".repeat(4000)] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let err = read(&path).unwrap_err();
        assert!(matches!(err, VaultError::BadKey { .. }), "{err:?}");
        assert!(!format!("{err} {err:?}").contains("secret!"));
    }
    let missing = read(&folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, VaultError::KeyFile { .. }), "{missing:?}");
}

#[test]
fn sources_as_they_are_written() {
    for text in ["file:/etc/key", "file:key:with:colons", "env:STACKYARD_KEY", "systemd-credential:master"] {
        assert_eq!(text.parse::<KeySource>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "file:",
        "/etc/key",
        "vault:hunter2",
        "systemd-credential:../x",
        "systemd-credential:..",
        "env:",
        "env:hunter2!",
    ] {
        let err = text.parse::<KeySource>().unwrap_err();
        assert!(matches!(err, VaultError::BadSource(_)), "{text}");
        assert!(!format!("{err} {err:?}").contains("hunter2"), "a key that was pasted: {err:?}");
    }
    let unset = KeySource::Env("STACKYARD_NO_SUCH_VARIABLE".to_owned()).read().unwrap_err();
    assert!(matches!(unset, VaultError::NoVariable(_)), "{unset:?}");
    // Set for every build of a package by cargo, and no key.
    let no_key = KeySource::Env("CARGO_PKG_NAME".to_owned()).read().unwrap_err();
    assert!(matches!(no_key, VaultError::BadKey { .. }), "{no_key:?}");
}

/// Runs itself again, as a service of systemd would be run.
#[test]
fn a_credential_of_systemd_is_read() {
    let source: KeySource = "systemd-credential:master".parse().unwrap();
    if env::var_os("CREDENTIALS_DIRECTORY").is_some() {
        source.read().unwrap();
        return;
    }
    assert!(matches!(source.read(), Err(VaultError::NoVariable(_))));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master");
    KeySource::create_file(&path).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o440)).unwrap();
    let mut again = Command::new(env::current_exe().unwrap());
    again.args(["--exact", "keys::a_credential_of_systemd_is_read"]).env("CREDENTIALS_DIRECTORY", folder.path());
    let output = again.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
}

#[test]
fn a_check_value_knows_its_key() {
    let (ours, other) = (vault(), vault());
    let stored = ours.check_value();
    assert_eq!(stored, ours.check_value());
    ours.verify_check_value(&stored).unwrap();
    match other.verify_check_value(&stored).unwrap_err() {
        VaultError::WrongKey { expected, found } => assert_eq!((expected, found), (ours.key_id(), other.key_id())),
        err => panic!("{err:?}"),
    }
    let forged = stored.replace(&ours.key_id().0, &other.key_id().0);
    for text in ["", "abc", forged.as_str(), &stored[..stored.len() - 1]] {
        let vault = if text == forged { &other } else { &ours };
        let err = vault.verify_check_value(text).unwrap_err();
        assert!(matches!(err, VaultError::BadCheckValue), "{text} {err:?}");
    }
}

#[test]
fn nothing_shows_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    let key = KeySource::create_file(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let vault = Vault::new(key.clone());
    let shown = format!("{key:?} {vault:?} {}", vault.check_value());
    assert!(!shown.contains(text.trim()));
    assert!(shown.starts_with("MasterKey(…) Vault(…) "), "{shown}");
}
