use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatastoreFile {
    /// Its path from the top of the datastore: `web-1/web-1.vmx`.
    pub id: String,
    /// `folder`, `disk`, `iso`, `floppy`, `config`, `template`, `nvram`, `log`, `snapshot`, `file`.
    pub kind: String,
    /// Of a thin disk, what it takes.
    pub size_bytes: Option<u64>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub modified: Option<Timestamp>,
}
