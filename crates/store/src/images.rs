//! Images and templates of clouds, registered to be launched from.

use crate::{
    DbError, List, Owner, Select, Time, Tx,
    query::{one, query},
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Image {
    /// A uuid.
    pub id: String,
    #[sqlx(flatten)]
    pub owner: Owner,
    pub name: String,
    pub platform: String,
    pub location_id: String,
    /// A Glance image, or the managed object reference of a template. Unique within the location and the owner.
    pub cloud_image_id: String,
    pub architecture: String,
    pub os_id: String,
    pub size_gib: Option<i64>,
    /// Host of the vCenter that has the template.
    pub vcenter: Option<String>,
    pub has_cloud_init: bool,
    pub has_agent: bool,
    pub deprecated: bool,
    pub created_at: Time,
    pub last_used_at: Option<Time>,
}

pub async fn insert(tx: &mut Tx, image: &Image) -> Result<(), DbError> {
    let sql = "INSERT INTO images (id, account_id, environment_id, name, platform, location_id, cloud_image_id, \
               architecture, os_id, size_gib, vcenter, has_cloud_init, has_agent, deprecated, created_at, \
               last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let it = image;
    let inserted = query!(
        tx,
        execute,
        sql,
        &it.id,
        it.owner.account_id,
        it.owner.environment_id,
        &it.name,
        &it.platform,
        &it.location_id,
        &it.cloud_image_id,
        &it.architecture,
        &it.os_id,
        it.size_gib,
        &it.vcenter,
        it.has_cloud_init,
        it.has_agent,
        it.deprecated,
        it.created_at,
        it.last_used_at
    );
    inserted.map_err(|it| it.about_new("image", "account or environment"))?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Image>, DbError> {
    query!(tx, fetch_optional, Image, "SELECT * FROM images WHERE id = $1", id)
}

/// Those visible from `here`.
pub async fn list(tx: &mut Tx, here: Owner, select: Select) -> Result<List<Image>, DbError> {
    select.visible_from(here).fetch(tx, "images", &["id"]).await
}

/// How many more registrations there are of the same image of the same cloud, in all scopes.
pub async fn count_others(tx: &mut Tx, image: &Image) -> Result<i64, DbError> {
    let sql =
        "SELECT count(*) FROM images WHERE platform = $1 AND location_id = $2 AND cloud_image_id = $3 AND id <> $4";
    let Image { id, platform, location_id, cloud_image_id, .. } = image;
    Ok(query!(tx, fetch_one, (i64,), sql, platform, location_id, cloud_image_id, id)?.0)
}

/// Writes name, deprecation and owner.
pub async fn update(tx: &mut Tx, image: &Image) -> Result<(), DbError> {
    let sql = "UPDATE images SET name = $2, deprecated = $3, account_id = $4, environment_id = $5 WHERE id = $1";
    let Image { id, owner, name, deprecated, .. } = image;
    let updated = query!(tx, execute, sql, id, name, *deprecated, owner.account_id, owner.environment_id);
    one(updated.map_err(|it| it.about("image"))?, "image")
}

/// A cloud took the order for a server of it.
pub async fn record_use(tx: &mut Tx, id: &str, at: Time) -> Result<(), DbError> {
    let sql = "UPDATE images SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    query!(tx, execute, sql, id, at)?;
    Ok(())
}

/// In use while a role has it.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    one(query!(tx, execute, "DELETE FROM images WHERE id = $1", id).map_err(|it| it.about("image"))?, "image")
}
