use std::{
    env, fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    str::FromStr,
};

use aws_lc_rs::{digest, rand};
use zeroize::Zeroizing;

use crate::VaultError;

/// 256 random bits from which everything else follows. Wiped when dropped.
#[derive(Clone)]
pub struct MasterKey(pub(crate) Zeroizing<[u8; 32]>);

/// Names a master key without telling anything of it: 16 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub String);

/// Where the master key is: `file:PATH`, `env:NAME` or `systemd-credential:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Refused when anybody but its owner may read it.
    File(PathBuf),
    Env(String),
    /// In `$CREDENTIALS_DIRECTORY`, see `LoadCredential=` in systemd.exec(5).
    SystemdCredential(String),
}

impl KeySource {
    pub fn read(&self) -> Result<MasterKey, VaultError> {
        match self {
            KeySource::File(path) => read_file(path, true),
            KeySource::Env(name) => {
                let text = Zeroizing::new(env::var(name).map_err(|_| VaultError::NoVariable(name.clone()))?);
                parse(text.as_bytes(), format!("environment variable {name}"))
            }
            KeySource::SystemdCredential(name) => {
                let variable = "CREDENTIALS_DIRECTORY";
                let folder = env::var_os(variable).ok_or_else(|| VaultError::NoVariable(variable.to_owned()))?;
                // systemd sets the mode, and it may let root's group read.
                read_file(&Path::new(&folder).join(name), false)
            }
        }
    }

    /// Makes a new key in a new file with mode 0600. Fails where there is a file already. When it returns, the key
    /// outlasts a power cut.
    pub fn create_file(path: &Path) -> Result<MasterKey, VaultError> {
        let failed = |source| VaultError::KeyFile { path: path.to_owned(), source };
        let mut key = Zeroizing::new([0; 32]);
        rand::fill(&mut *key)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        let text = Zeroizing::new(hex::encode(*key) + "\n");
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| sync_folder(path));
        if let Err(err) = written {
            // Half a key must not be found at the next start.
            let _ = fs::remove_file(path);
            return Err(failed(err));
        }
        Ok(MasterKey(key))
    }
}

impl FromStr for KeySource {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<KeySource, VaultError> {
        Err(VaultError::BadSource(match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => return Ok(KeySource::File(path.into())),
            Some(("file", _)) => "file: needs a path",
            Some(("env", name)) if is_variable(name) => return Ok(KeySource::Env(name.to_owned())),
            Some(("env", _)) => "env: needs the name of an environment variable",
            Some(("systemd-credential", name)) if !["", ".", ".."].contains(&name) && !name.contains('/') => {
                return Ok(KeySource::SystemdCredential(name.to_owned()));
            }
            Some(("systemd-credential", _)) => "systemd-credential: needs the name of a credential, without a slash",
            _ => "it says where the key is, not the key",
        }))
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeySource::File(path) => write!(f, "file:{}", path.display()),
            KeySource::Env(name) => write!(f, "env:{name}"),
            KeySource::SystemdCredential(name) => write!(f, "systemd-credential:{name}"),
        }
    }
}

impl MasterKey {
    pub(crate) fn id(&self) -> KeyId {
        let mut sha = digest::Context::new(&digest::SHA256);
        sha.update(b"stackyard key id");
        sha.update(&*self.0);
        KeyId(hex::encode(&sha.finish().as_ref()[..8]))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|it: char| it.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
}

fn read_file(path: &Path, is_guarded: bool) -> Result<MasterKey, VaultError> {
    let failed = |source| VaultError::KeyFile { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if is_guarded && mode & 0o077 != 0 {
        return Err(VaultError::KeyFileOpen { path: path.to_owned(), mode });
    }
    // More than a key can be, with room to spare: nothing is reallocated, so no copy is left behind.
    let mut text = Zeroizing::new(Vec::with_capacity(256));
    file.take(128).read_to_end(&mut text).map_err(failed)?;
    parse(&text, format!("file {}", path.display()))
}

fn parse(text: &[u8], source_name: String) -> Result<MasterKey, VaultError> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), &mut *key).map_err(|_| VaultError::BadKey { source_name })?;
    Ok(MasterKey(key))
}

/// Makes the name of a new file outlast a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
