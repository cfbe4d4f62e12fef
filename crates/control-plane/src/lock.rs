//! One process at a time: a data directory has one server, and what must not run beside a server.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use anyhow::{Context, bail};

/// Held until it is dropped, or the process ends, however it ends (flock(2)). The file itself stays.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Makes the directory where there is none. Fails at once where another process holds it.
    pub fn take(data_dir: &Path) -> anyhow::Result<Lock> {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(data_dir);
        made.with_context(|| format!("cannot create the data directory {}", data_dir.display()))?;
        let path = data_dir.join("lock");
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = opened.with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => bail!(
                "another server runs on this data directory, or is about to end ({} is locked); stop it, or wait for \
                 its end",
                path.display()
            ),
            Err(TryLockError::Error(err)) => Err(err).with_context(|| format!("cannot lock {}", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("new");
        let lock = Lock::take(&data_dir).unwrap();
        let refused = Lock::take(&data_dir).unwrap_err();
        assert!(refused.to_string().contains("another server runs on this data directory"), "{refused}");
        drop(lock);
        Lock::take(&data_dir).unwrap();
    }
}
