//! Files on a cloud's datastores.

use std::{fmt, io};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudFile {
    /// From the top of the datastore: `web-1/web-1.vmx`.
    pub path: String,
    pub kind: FileKind,
    /// Of a thin disk, what it takes. `None` where the cloud does not tell.
    pub size_bytes: Option<u64>,
    pub modified_at: Option<Timestamp>,
}

/// A file on its way to a cloud.
pub struct Upload {
    pub size_bytes: u64,
    /// As many bytes as that; an error where they break off.
    pub pieces: BoxStream<'static, io::Result<Bytes>>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Folder,
    Disk,
    Iso,
    Floppy,
    /// Of a machine.
    Config,
    /// Of a template.
    Template,
    Nvram,
    Log,
    Snapshot,
    Other,
}

impl FileKind {
    pub fn as_str(self) -> &'static str {
        match self {
            FileKind::Folder => "folder",
            FileKind::Disk => "disk",
            FileKind::Iso => "iso",
            FileKind::Floppy => "floppy",
            FileKind::Config => "config",
            FileKind::Template => "template",
            FileKind::Nvram => "nvram",
            FileKind::Log => "log",
            FileKind::Snapshot => "snapshot",
            FileKind::Other => "file",
        }
    }
}
