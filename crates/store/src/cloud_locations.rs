//! The regions or datacenters a credential sees.

use cloud::Location;

use crate::{DbError, Time, Tx, query::query};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CloudLocation {
    pub credential_id: String,
    pub location_id: String,
    pub name: String,
    /// Of a datacenter; `None` for a region.
    pub vcenter: Option<String>,
    /// In the cloud's own order, from 0.
    pub position: i64,
    pub seen_at: Time,
}

/// Also deletes what was found in locations that are not there any more. Returns true when locations came, went, or are
/// named or ordered otherwise.
pub async fn replace_all(tx: &mut Tx, credential_id: &str, locations: &[Location], now: Time) -> Result<bool, DbError> {
    let before = list(tx, credential_id).await?;
    query!(tx, execute, "DELETE FROM cloud_locations WHERE credential_id = $1", credential_id)?;
    let sql = "INSERT INTO cloud_locations (credential_id, location_id, name, vcenter, position, seen_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (credential_id, location_id) DO NOTHING";
    for (position, it) in (0_i64..).zip(locations) {
        let inserted = query!(tx, execute, sql, credential_id, &it.id.0, &it.name, &it.vcenter, position, now);
        inserted.map_err(|it| it.about_new("cloud location", "cloud credential"))?;
    }
    let after = list(tx, credential_id).await?;
    for gone in before.iter().filter(|it| !after.iter().any(|after| after.location_id == it.location_id)) {
        for sql in [
            "DELETE FROM machines WHERE credential_id = $1 AND location_id = $2",
            "DELETE FROM resources WHERE credential_id = $1 AND location_id = $2",
            "DELETE FROM list_sizes WHERE credential_id = $1 AND location_id = $2",
            "DELETE FROM instance_types WHERE credential_id = $1 AND location_id = $2",
            "DELETE FROM sync_state WHERE credential_id = $1 AND location_id = $2",
        ] {
            query!(tx, execute, sql, credential_id, &gone.location_id)?;
        }
    }
    let same = |(a, b): (&CloudLocation, &CloudLocation)| {
        (&a.location_id, &a.name, &a.vcenter) == (&b.location_id, &b.name, &b.vcenter)
    };
    Ok(before.len() != after.len() || !before.iter().zip(&after).all(same))
}

/// In the cloud's own order.
pub async fn list(tx: &mut Tx, credential_id: &str) -> Result<Vec<CloudLocation>, DbError> {
    let sql = "SELECT * FROM cloud_locations WHERE credential_id = $1 ORDER BY position";
    query!(tx, fetch_all, CloudLocation, sql, credential_id)
}

pub async fn get(tx: &mut Tx, credential_id: &str, location_id: &str) -> Result<CloudLocation, DbError> {
    let sql = "SELECT * FROM cloud_locations WHERE credential_id = $1 AND location_id = $2";
    let found = query!(tx, fetch_one, CloudLocation, sql, credential_id, location_id);
    found.map_err(|it| it.about("cloud location"))
}
