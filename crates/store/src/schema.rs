use crate::{DbError, Tx, query::query};

/// Every table, parents before children.
pub(crate) const TABLES: [&str; 44] = [
    "counters",
    "settings",
    "secrets",
    "leases",
    "control_planes",
    "watches",
    "accounts",
    "cost_centers",
    "environments",
    "projects",
    "users",
    "sessions",
    "api_keys",
    "tokens",
    "acl_roles",
    "teams",
    "team_members",
    "environment_teams",
    "audit_heads",
    "audit",
    "events",
    "cloud_credentials",
    "credential_uses",
    "environment_clouds",
    "validations",
    "validation_checks",
    "cloud_locations",
    "sync_state",
    "syncs",
    "instance_types",
    "vmware_instance_types",
    "resources",
    "machines",
    "list_sizes",
    "images",
    "role_categories",
    "roles",
    "role_images",
    "farms",
    "farm_roles",
    "servers",
    "server_operations",
    "event_logs",
    "assets",
];

/// What a column holds. There are no other kinds, see the migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Int,
    Bool,
}

#[derive(Debug)]
pub(crate) struct Column {
    pub name: String,
    pub kind: Kind,
    pub is_key: bool,
}

/// The columns of a table as the engine knows them, in the order of the migrations.
pub(crate) async fn columns(tx: &mut Tx, table: &str) -> Result<Vec<Column>, DbError> {
    let sql = match tx {
        Tx::Sqlite(_) => "SELECT name, lower(type), pk > 0 FROM pragma_table_info($1) ORDER BY cid",
        Tx::Postgres(_) => {
            "SELECT a.attname::text, format_type(a.atttypid, NULL), a.attnum = ANY (coalesce(i.indkey, '')) \
             FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary \
             WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        }
    };
    let columns = query!(tx, fetch_all, (String, String, bool), sql, table)?;
    let column = |(name, kind, is_key): (String, String, bool)| {
        let kind = match kind.as_str() {
            "text" => Kind::Text,
            "boolean" => Kind::Bool,
            _ => Kind::Int,
        };
        Column { name, kind, is_key }
    };
    Ok(columns.into_iter().map(column).collect())
}
