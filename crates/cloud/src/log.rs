//! Logs that a cloud keeps of its own parts, and not of what runs on it.

/// A log that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Unique among the logs of the cloud, or of one of its hosts.
    pub key: String,
    pub file_name: String,
    /// The part that writes it, in the cloud's own word: `vpxd`, `hostd`.
    pub creator: String,
    /// What it is, in a few words.
    pub label: Option<String>,
    pub summary: Option<String>,
}

/// Where to begin and how far to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPart {
    /// The host whose log it is; `None`: the cloud's own.
    pub host: Option<String>,
    pub key: String,
    pub from: LogStart,
    /// At most so many.
    pub n_lines: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStart {
    /// The first line is 1.
    Line(u32),
    /// So far before the end that the part ends there.
    Tail,
}

/// Some lines of a log, in its order, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLines {
    /// The number of the first of them.
    pub first: u32,
    pub lines: Vec<String>,
    /// Where to go on. Fewer lines come than were asked for also where they are long.
    pub next: u32,
    /// Nothing followed when it was read.
    pub is_at_end: bool,
}
