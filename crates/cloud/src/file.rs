//! Files on a cloud's datastores.

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
