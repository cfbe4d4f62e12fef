//! One process at a time: a data directory has one server, and what must not run beside a server.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

use anyhow::{Context, bail};

/// Held until it is dropped, or the process ends, however it ends (flock(2)). The file itself stays, and says which
/// control plane had it last.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Makes the directory where there is none. Fails at once where another process holds it.
    pub fn take(data_dir: &Path) -> anyhow::Result<Lock> {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(data_dir);
        made.with_context(|| format!("cannot create the data directory {}", data_dir.display()))?;
        let path = data_dir.join("lock");
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
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

    /// The control plane that signed last: it is gone, since the lock is ours. None in a copy of its directory, beside
    /// which it may well live; a copy has another inode.
    pub fn last(&self) -> io::Result<Option<String>> {
        let mut text = vec![0; 100];
        let n_bytes = self.0.read_at(&mut text, 0)?;
        let text = String::from_utf8_lossy(&text[..n_bytes]);
        let inode = self.0.metadata()?.ino().to_string();
        let signed = text.trim().split_once(' ').filter(|(_, of)| *of == inode);
        Ok(signed.map(|(id, _)| id.to_owned()))
    }

    pub fn sign(&self, id: &str) -> io::Result<()> {
        let text = format!("{id} {}\n", self.0.metadata()?.ino());
        self.0.set_len(0)?;
        self.0.write_all_at(text.as_bytes(), 0)
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
        assert_eq!(lock.last().unwrap(), None);
        lock.sign("a-long-first").unwrap();
        lock.sign("second").unwrap();
        drop(lock);
        assert_eq!(Lock::take(&data_dir).unwrap().last().unwrap().as_deref(), Some("second"));
        let copy = folder.path().join("copy");
        std::fs::create_dir(&copy).unwrap();
        std::fs::copy(data_dir.join("lock"), copy.join("lock")).unwrap();
        assert_eq!(Lock::take(&copy).unwrap().last().unwrap(), None, "it may live where it was copied from");
    }
}
