/// Where a secret is kept, and whom it may be sent to. Two places are the same when all of this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub table: &'static str,
    pub row: String,
    pub column: &'static str,
    /// Of the secret; a replaced secret cannot be brought back.
    pub version: i64,
    /// `scheme://host:port` of every URL a cloud secret may be sent to, sorted; else empty.
    pub audience: Vec<String>,
}

impl Place {
    /// For a secret that is sent nowhere.
    pub fn new(table: &'static str, row: impl Into<String>, column: &'static str, version: i64) -> Place {
        Place { table, row: row.into(), column, version, audience: Vec::new() }
    }

    /// What a ciphertext is bound to. Each part has its length before it, so no two places give the same bytes.
    pub(crate) fn associated_data(&self, purpose: &str) -> Vec<u8> {
        let mut data = Vec::new();
        let mut part = |bytes: &[u8]| {
            data.extend((bytes.len() as u64).to_be_bytes());
            data.extend(bytes);
        };
        part(b"stackyard.v1");
        part(purpose.as_bytes());
        part(self.table.as_bytes());
        part(self.row.as_bytes());
        part(self.column.as_bytes());
        part(&self.version.to_be_bytes());
        self.audience.iter().for_each(|it| part(it.as_bytes()));
        data
    }
}
