use sqlx::{Error, error::ErrorKind};

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why the database did not do it, sorted by what the caller can do about it. No value of a row is in any text.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("{what} not found")]
    NotFound { what: &'static str },
    #[error("this {what} exists already")]
    Duplicate { what: &'static str },
    /// Something else refers to it; delete or unlink that first.
    #[error("this {what} is in use")]
    InUse { what: &'static str },
    /// Nothing was written. Works again once there is space: on the disk, below a quota, a limit of the file's size or
    /// one of the database's own. SQLite does not tell most of these from a disk that is broken.
    #[error("the database or its disk is full")]
    Full(#[source] BoxError),
    /// Another writer was in the way for too long; the same transaction may succeed later.
    #[error("the database is busy")]
    Busy(#[source] BoxError),
    #[error("the database has schema {found}, this program knows {known}; start the newer program")]
    NewerSchema { found: i64, known: i64 },
    #[error("cannot reach the database")]
    Unreachable(#[source] BoxError),
    #[error("{0:?} is no database URL; it begins with sqlite:// or postgres://")]
    Url(String),
    /// PostgreSQL stores no NUL character.
    #[error("a text contains a NUL character")]
    Nul,
    #[error("the database is not empty; import into a new one")]
    NotEmpty,
    #[error("line {line} of the backup: {message}")]
    Backup { line: u64, message: String },
    #[error("cannot read or write the backup")]
    File(#[source] std::io::Error),
    #[error("the database failed")]
    Other(#[source] BoxError),
}

impl DbError {
    /// Says what was not found, was there already or is in use, which an engine does not always tell.
    pub(crate) fn about(self, what: &'static str) -> DbError {
        match self {
            DbError::NotFound { .. } => DbError::NotFound { what },
            DbError::Duplicate { .. } => DbError::Duplicate { what },
            DbError::InUse { .. } => DbError::InUse { what },
            other => other,
        }
    }

    /// For inserts and updates: there a broken reference means that what the row belongs to is not there.
    pub(crate) fn about_new(self, what: &'static str, parent: &'static str) -> DbError {
        match self {
            DbError::InUse { .. } => DbError::NotFound { what: parent },
            other => other.about(what),
        }
    }
}

impl From<Error> for DbError {
    fn from(err: Error) -> DbError {
        let unreachable = matches!(err, Error::Io(_) | Error::Tls(_) | Error::PoolClosed);
        match err {
            Error::RowNotFound => DbError::NotFound { what: "row" },
            Error::PoolTimedOut => DbError::Busy(err.into()),
            Error::Database(ref it) => match it.kind() {
                ErrorKind::UniqueViolation => DbError::Duplicate { what: "row" },
                ErrorKind::ForeignKeyViolation => DbError::InUse { what: "row" },
                _ => by_code(err),
            },
            _ if unreachable => DbError::Unreachable(err.into()),
            _ => DbError::Other(err.into()),
        }
    }
}

/// SQLite: <https://sqlite.org/rescode.html>, where the low byte is the primary code.
/// PostgreSQL: <https://www.postgresql.org/docs/15/errcodes-appendix.html>, five characters.
fn by_code(err: Error) -> DbError {
    let code = err.as_database_error().and_then(|it| it.code()).unwrap_or_default().into_owned();
    if code.len() == 5 {
        return match code.as_str() {
            "53100" => DbError::Full(err.into()),
            "40001" | "40P01" | "53300" | "55P03" => DbError::Busy(err.into()),
            "22021" => DbError::Nul,
            "3D000" => DbError::Unreachable(err.into()),
            _ if ["08", "28", "57"].iter().any(|class| code.starts_with(class)) => DbError::Unreachable(err.into()),
            _ => DbError::Other(err.into()),
        };
    }
    match code.parse::<i32>().map(|it| (it & 0xff, it)) {
        Ok((5 | 6, _)) => DbError::Busy(err.into()),
        // Only ENOSPC is SQLITE_FULL; EFBIG and EDQUOT are SQLITE_IOERR_WRITE, or _SHMSIZE for the file beside it.
        Ok((13, _) | (_, 778 | 4874)) => DbError::Full(err.into()),
        Ok((14, _)) => DbError::Unreachable(err.into()),
        _ => DbError::Other(err.into()),
    }
}
