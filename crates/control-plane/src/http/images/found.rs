use cloud::{Platform, inventory::Noun};
use serde_json::Value;
use store::{DbError, cloud_locations, resources};

use super::super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    inventory::{LocationPath, at, freshen},
};
use crate::{app::App, sync::Kind};

/// What a cloud says of an image.
pub struct Found {
    pub name: String,
    pub size_gib: Option<i64>,
    /// Of the location; `None` for a region.
    pub vcenter: Option<String>,
}

/// An image as a cloud of the caller's environment has it. The cloud is read where the rows are old or do not know it.
pub async fn in_cloud(
    app: &App,
    caller: &Caller,
    platform: Platform,
    location: &str,
    cloud_image_id: &str,
) -> ApiResult<Found> {
    let path = LocationPath { cloud_platform: platform.to_string(), cloud_location: location.to_owned() };
    let at = at(app, caller, &path).await?;
    let of = resources::Of { credential_id: &at.credential.id, location_id: &at.location.0, noun: Noun::CloudImages };
    for max_age in [None, Some(0)] {
        let lifetime = app.config().sync_interval;
        let freshness = freshen(app, caller, &at, Kind::Resources(Noun::CloudImages), max_age, lifetime).await?;
        let mut tx = app.db.read().await?;
        match resources::get(&mut tx, of, cloud_image_id).await {
            Ok(row) => {
                let location = cloud_locations::get(&mut tx, &at.credential.id, &at.location.0).await?;
                return Ok(Found { size_gib: size_gib(&row), name: row.name, vcenter: location.vcenter });
            }
            Err(DbError::NotFound { .. }) => {}
            Err(err) => return Err(err.into()),
        }
        if let Some(err) = freshness.error {
            return Err(ApiError::unavailable(format!("cannot look for image {cloud_image_id}: {err}"))
                .remedy("validate the cloud credentials to see what the cloud says, then try again"));
        }
        if freshness.source == "cloud" {
            break;
        }
    }
    let message = format!("{platform} {location} has no image {cloud_image_id} that these credentials see");
    let remedy = format!("choose one of …/clouds/{platform}/cloud-locations/{location}/cloud-images/");
    Err(ApiError::conflict("ObjectNotFoundOnCloud", message).remedy(remedy))
}

/// Of the disk that a server gets, rounded up: Glance's `virtual_size` where it knows it, for `size` is that of the file,
/// which may be compressed (<https://docs.openstack.org/api-ref/image/v2/>); vSphere's disks together.
fn size_gib(row: &resources::ResourceRow) -> Option<i64> {
    let bytes = row.attributes.get("virtualSizeBytes").and_then(Value::as_i64).or(row.capacity_bytes)?;
    Some(bytes.div_euclid(1 << 30) + i64::from(bytes.rem_euclid(1 << 30) > 0))
}
