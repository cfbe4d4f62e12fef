//! Volumes of an environment.

use api_types::{
    TextRef,
    volumes::{ChangeVolume, NewVolume, Volume},
};
use axum::extract::State;
use cloud::asset::Asset as Description;
use store::assets::Asset;

use super::{
    assets::{self, FILTERS, SORTS, Users, View, common, list, remove, show},
    body::{Body, text},
    caller::Caller,
    error::{ApiError, ApiResult},
    extract::Path,
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const FIXED: &[&str] = &["name", "cloudPlatform", "cloudLocation", "volumeType", "availabilityZone"];
const LARGEST_GIB: u32 = 16_384;

pub fn routes(routes: &mut Routes) {
    type V = Volume;
    let all = "/user/{envId}/volumes/";
    let one = "/user/{envId}/volumes/{volumeId}/";
    routes
        .add(
            get(all, Needs(P::VolumesRead), "List the volumes of this environment").lists::<V>(FILTERS).sorts(SORTS),
            list::<V>,
        )
        .add(
            post(all, Needs(P::VolumesManage), "Create a volume (OpenStack)").takes::<NewVolume>().creates::<V>(),
            create,
        )
        .add(get(one, Needs(P::VolumesRead), "Get a volume").gives::<V>(), show::<V>)
        .add(patch(one, Needs(P::VolumesManage), "Make a volume larger").takes::<ChangeVolume>().gives::<V>(), change)
        .add(
            delete(one, Needs(P::VolumesManage), "Delete a volume that no server has, with its data").gives::<V>(),
            remove::<V>,
        );
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Volume>> {
    let new: NewVolume = body.read()?;
    let id = |key: &str, it: Option<TextRef>| it.map(|it| text(key, &it.id).map(ToOwned::to_owned)).transpose();
    let description = Description::Volume {
        name: text("name", &new.name)?.to_owned(),
        size_gib: size(new.size_gib)?,
        volume_type: id("volumeType", new.volume_type)?,
        availability_zone: id("availabilityZone", new.availability_zone)?,
    };
    assets::create(&app, &caller, new.cloud_platform, new.cloud_location, description).await
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path((_, id)): Path<(i64, String)>,
    body: Body,
) -> ApiResult<Reply<Volume>> {
    body.refuse_later(FIXED)?;
    let ChangeVolume { size_gib: wanted } = body.read()?;
    let wanted = wanted.map(size).transpose()?;
    assets::change(&app, &caller, &id, "extend", |description| {
        if let (Description::Volume { size_gib, .. }, Some(wanted)) = (description, wanted) {
            if wanted < *size_gib {
                return Err(ApiError::value(format!("sizeGib is {size_gib}, and a volume is never made smaller")));
            }
            *size_gib = wanted;
        }
        Ok(())
    })
    .await
}

fn size(size_gib: u32) -> ApiResult<u32> {
    match (1..=LARGEST_GIB).contains(&size_gib) {
        true => Ok(size_gib),
        false => Err(ApiError::value(format!("sizeGib is 1 to {LARGEST_GIB}"))),
    }
}

impl View for Volume {
    const KIND: &'static str = "volume";
    const WHAT: &'static str = "volume";
    const KINDS: &'static str = "volumes";
    const ONLY_OPENSTACK: [&'static str; 2] =
        ["has no volumes of their own", "create it on openstack; virtual machines have disks: add one to a server"];
    const RELEASE: &'static str = "detach it: POST …/servers/{serverId}/actions/detach-volume/";

    fn of(volume: Asset, users: &Users) -> Volume {
        let common = common(&volume);
        let (size_gib, volume_type, availability_zone) = match volume.description.0 {
            Description::Volume { size_gib, volume_type, availability_zone, .. } => {
                (size_gib, volume_type, availability_zone)
            }
            _ => (0, None, None),
        };
        let seen = volume.seen;
        let attached_to = users.of(&seen.parts);
        let part = seen.parts.0.into_iter().next();
        let (cloud_volume_id, cloud_status) = part.map(|it| (it.id, it.status)).unzip();
        Volume {
            common,
            size_gib,
            volume_type: volume_type.map(|id| TextRef { id }),
            availability_zone: availability_zone.map(|id| TextRef { id }),
            cloud_volume_id,
            cloud_status: cloud_status.flatten(),
            attached_to,
        }
    }
}
