//! Which image a role is launched from in each location.

use crate::{
    DbError, List, Select, Tx,
    images::Image,
    query::{one, query},
    roles::Role,
};

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RoleImage {
    pub role_id: i64,
    pub platform: String,
    pub location_id: String,
    pub image_id: String,
}

/// One of each role in a location.
pub async fn insert(tx: &mut Tx, role_id: i64, image: &Image) -> Result<(), DbError> {
    let sql = "INSERT INTO role_images (role_id, platform, location_id, image_id) VALUES ($1, $2, $3, $4)";
    let inserted = query!(tx, execute, sql, role_id, &image.platform, &image.location_id, &image.id);
    inserted.map_err(|it| it.about_new("role image", "role or image"))?;
    Ok(())
}

pub async fn find(tx: &mut Tx, role_id: i64, platform: &str, location_id: &str) -> Result<Option<Image>, DbError> {
    let sql = "SELECT images.* FROM role_images JOIN images ON images.id = role_images.image_id \
               WHERE role_images.role_id = $1 AND role_images.platform = $2 AND role_images.location_id = $3";
    query!(tx, fetch_optional, Image, sql, role_id, platform, location_id)
}

/// Of all roles; narrow it with `eq("role_id", …)`.
pub async fn list(tx: &mut Tx, select: Select) -> Result<List<RoleImage>, DbError> {
    select.fetch(tx, "role_images", &["role_id", "platform", "location_id"]).await
}

/// The images of a role, in the order of [`list`].
pub async fn list_images(tx: &mut Tx, role_id: i64) -> Result<Vec<Image>, DbError> {
    let sql = "SELECT images.* FROM role_images JOIN images ON images.id = role_images.image_id \
               WHERE role_images.role_id = $1 ORDER BY role_images.platform, role_images.location_id";
    query!(tx, fetch_all, Image, sql, role_id)
}

/// The roles that are launched from an image.
pub async fn list_roles(tx: &mut Tx, image_id: &str) -> Result<Vec<Role>, DbError> {
    let sql = "SELECT roles.* FROM role_images JOIN roles ON roles.id = role_images.role_id \
               WHERE role_images.image_id = $1 ORDER BY roles.id";
    query!(tx, fetch_all, Role, sql, image_id)
}

pub async fn delete(tx: &mut Tx, role_id: i64, image_id: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM role_images WHERE role_id = $1 AND image_id = $2";
    one(query!(tx, execute, sql, role_id, image_id)?, "role image")
}
