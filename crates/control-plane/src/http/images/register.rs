use api_types::images::Image;
use axum::extract::State;
use cloud::{Driver, Platform};
use store::{Time, images};
use uuid::Uuid;

use super::{
    super::{
        body::{Body, required, text},
        caller::{Caller, Change},
        error::{ApiError, ApiResult},
        os,
        reply::Reply,
    },
    READ_ONLY,
    found::{Found, in_cloud},
    refuse_duplicate, view,
};
use crate::app::App;

pub const OPENSTACK: &str = "OpenstackImageCloudFeatures";
pub const VSPHERE: &str = "VmwareImageCloudFeatures";
const ARCHITECTURES: [&str; 3] = ["x86_64", "i386", "aarch64"];

/// In an environment the image must be in its cloud. An account and the installation have no clouds to ask.
pub async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Image>> {
    body.refuse(READ_ONLY)?;
    let new: Image = body.read()?;
    let in_environment = caller.scope.environment_id().is_some();
    let platform = required("cloudPlatform", new.cloud_platform.as_ref())?;
    let platform: Platform = platform.parse().map_err(|err| ApiError::value(format!("{err}")))?;
    let location = required("cloudLocation", new.cloud_location.as_ref())?;
    let cloud_image_id = required("cloudImageId", new.cloud_image_id.as_ref())?;
    let architecture = required("architecture", new.architecture.as_ref())?;
    if !ARCHITECTURES.contains(&architecture) {
        return Err(ApiError::value(format!("architecture is one of {}", ARCHITECTURES.join(", "))));
    }
    let os = new.os.as_ref().ok_or_else(|| ApiError::structure("\"os\" is missing"))?;
    let os = os::known(&os.id)?;
    if new.size.is_some_and(|it| it < 0) {
        return Err(ApiError::value("size is a number of GiB"));
    }
    let vcenter = features(&new, platform, in_environment)?;
    let found = if in_environment {
        if let Some(name) = &new.name {
            text("name", name)?;
        }
        in_cloud(&app, &caller, platform, location, cloud_image_id).await?
    } else {
        let name = required("name", new.name.as_ref())?.to_owned();
        Found { name, size_gib: None, vcenter }
    };
    let image = images::Image {
        id: Uuid::new_v4().to_string(),
        owner: caller.scope.owner(),
        name: new.name.unwrap_or(found.name),
        platform: platform.to_string(),
        location_id: location.to_owned(),
        cloud_image_id: cloud_image_id.to_owned(),
        architecture: architecture.to_owned(),
        os_id: os.id.to_owned(),
        size_gib: new.size.or(found.size_gib),
        vcenter: found.vcenter,
        has_cloud_init: new.cloud_init_installed.unwrap_or_default(),
        has_agent: new.scalr_agent_installed.unwrap_or_default(),
        deprecated: new.deprecated.unwrap_or_default(),
        created_at: Time::now(),
        last_used_at: None,
    };
    let mut tx = app.db.write().await?;
    refuse_duplicate(&mut tx, image.owner, &image).await?;
    images::insert(&mut tx, &image).await?;
    let (id, name) = (image.id.clone(), image.name.clone());
    let view = view(image);
    caller.record(&mut tx, &app, Change::new("images", "create", id, &name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

/// Checks `cloudFeatures`; the vCenter's host, where one is given.
fn features(new: &Image, platform: Platform, in_environment: bool) -> ApiResult<Option<String>> {
    let Some(features) = &new.cloud_features else { return Ok(None) };
    let kind = match platform.driver() {
        Driver::Openstack => OPENSTACK,
        Driver::Vsphere => VSPHERE,
    };
    if features.kind != kind {
        return Err(ApiError::value(format!("cloudFeatures.type of an image of {platform} is {kind}")));
    }
    match (&features.source_type, &features.vcenter_host) {
        (Some(_), _) if kind == VSPHERE => Err(ApiError::structure("sourceType is for images of OpenStack")),
        (Some(source), _) if source != "image" => {
            Err(ApiError::value("sourceType can only be image: snapshots of volumes are not launched from yet"))
        }
        (_, Some(_)) if kind == OPENSTACK => Err(ApiError::structure("vCenterHost is for images of vSphere")),
        (_, Some(_)) if in_environment => {
            Err(ApiError::structure("\"vCenterHost\" is read-only in an environment: it is the location's"))
        }
        (_, Some(host)) => Ok(Some(text("vCenterHost", host)?.to_owned())),
        _ => Ok(None),
    }
}
