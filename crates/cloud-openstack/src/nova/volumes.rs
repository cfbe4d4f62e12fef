//! Volumes at servers: <https://docs.openstack.org/api-ref/compute/#servers-with-volume-attachments-servers-os-volume-attachments>.

use cloud::{
    CloudError,
    operation::{Disk, Progress, Target},
    server::Order,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    actions::{self, Outcome},
    marked,
    ready::{missing, ready},
};
use crate::{
    catalog::Service,
    cinder::volumes::{self, CinderVolume},
    error::Error,
    session::{At, Change, Get, Session},
};

/// How many volumes of one server are asked for at a time.
const AT_ONCE: usize = 4;

/// In which Nova attaches and detaches.
const STATUSES: [&str; 6] = ["ACTIVE", "SHUTOFF", "PAUSED", "VERIFY_RESIZE", "SHELVED", "SHELVED_OFFLOADED"];

#[derive(Deserialize)]
struct Attachments {
    #[serde(rename = "volumeAttachments")]
    attachments: Vec<Attachment>,
}

/// Nova's own record. It is there before Cinder knows of the server, and as long as a host has the volume.
#[derive(Deserialize)]
struct Attachment {
    #[serde(rename = "volumeId")]
    volume_id: String,
    #[serde(default)]
    device: Option<String>,
}

/// The volumes at a server, as Nova knows them.
async fn list(session: &Session, region: &str, cloud_id: &str) -> Result<Vec<Attachment>, CloudError> {
    let path = attachments_path(region, cloud_id)?;
    let call = Get::new(At { service: Service::Compute, region }, &path);
    match session.get::<Attachments>(&call).await {
        Ok(it) => Ok(it.attachments),
        Err(err) if err.status() == Some(404) => Err(missing(region, cloud_id)),
        Err(err) => Err(err.into()),
    }
}

fn attachments_path(region: &str, cloud_id: &str) -> Result<String, CloudError> {
    let path = marked::path(cloud_id).ok_or_else(|| missing(region, cloud_id))?;
    Ok(format!("{path}/os-volume_attachments"))
}

/// What both services say of one volume, Cinder first: what it says is by Nova, Nova has on record then.
async fn look(session: &Session, target: &Target, volume: &str) -> Result<(Option<CinderVolume>, bool), CloudError> {
    let (region, cloud_id) = (target.location.0.as_str(), target.cloud_id.as_str());
    let found = volumes::find(session, region, volume).await?;
    let attachments = list(session, region, cloud_id).await?;
    Ok((found, attachments.iter().any(|it| it.volume_id == volume)))
}

/// `POST /servers/{id}/os-volume_attachments`, of a volume that nobody has.
pub(crate) async fn attach(
    session: &Session,
    target: &Target,
    volume: &str,
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    let (region, cloud_id) = (target.location.0.as_str(), target.cloud_id.as_str());
    let (found, is_here) = look(session, target, volume).await?;
    let Some(found) = found else {
        return Err(CloudError::Refused(format!("there is no volume {volume} in {region}")));
    };
    if is_here {
        return Ok(match found.status.as_str() {
            "in-use" if found.is_at(cloud_id) => Progress::Done(None),
            status if status.starts_with("error") => {
                Progress::Failed { message: format!("volume {volume} is {status}{}", request(order)) }
            }
            _ => Progress::UnderWay(order.cloned()),
        });
    }
    if let Some(order) = order {
        return given_up(session, region, cloud_id, order, &format!("volume {volume} is detached again")).await;
    }
    if found.status != "available" {
        return Err(CloudError::Refused(format!(
            "volume {volume} is {}; only one that is available can be attached",
            found.shown()
        )));
    }
    ready(session, region, cloud_id, "attaching a volume", &STATUSES).await?;
    let body = json!({ "volumeAttachment": { "volumeId": found.id } });
    let path = attachments_path(region, cloud_id)?;
    let answer = session.change(&Change::post(At { service: Service::Compute, region }, &path, body)).await?;
    Ok(Progress::UnderWay(Some(answer.order(cloud_id.to_owned()))))
}

/// `DELETE /servers/{id}/os-volume_attachments/{volume}`, until neither service knows of it.
pub(crate) async fn detach(
    session: &Session,
    target: &Target,
    volume: &str,
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    let (region, cloud_id) = (target.location.0.as_str(), target.cloud_id.as_str());
    let (found, is_here) = look(session, target, volume).await?;
    match &found {
        _ if !is_here && !found.as_ref().is_some_and(|it| it.is_at(cloud_id)) => return Ok(Progress::Done(None)),
        // Nova has let go, and Cinder is about to.
        _ if !is_here => return Ok(Progress::UnderWay(order.cloned())),
        Some(it) if matches!(it.status.as_str(), "detaching" | "attaching" | "reserved") => {
            return Ok(Progress::UnderWay(order.cloned()));
        }
        // Cinder has let go, and Nova is about to.
        Some(it) if it.status == "available" && order.is_none() => return Ok(Progress::UnderWay(None)),
        _ => {}
    }
    if let Some(order) = order {
        return given_up(session, region, cloud_id, order, &format!("volume {volume} is attached still")).await;
    }
    ready(session, region, cloud_id, "detaching a volume", &STATUSES).await?;
    // One that Nova lists, so that its id is one.
    let id = Uuid::parse_str(volume).map_err(|_| CloudError::Refused(format!("there is no volume {volume}")))?;
    let path = format!("{}/{id}", attachments_path(region, cloud_id)?);
    let answer = session.change(&Change::delete(At { service: Service::Compute, region }, &path)).await?;
    Ok(Progress::UnderWay(Some(answer.order(cloud_id.to_owned()))))
}

/// An order was given, and the volume is as before.
async fn given_up(
    session: &Session,
    region: &str,
    cloud_id: &str,
    order: &Order,
    otherwise: &str,
) -> Result<Progress, CloudError> {
    Ok(match actions::outcome(session, region, cloud_id, order).await? {
        Outcome::UnderWay => Progress::UnderWay(Some(order.clone())),
        Outcome::Failed { message } => Progress::Failed { message },
        Outcome::Ended => Progress::Failed { message: format!("{otherwise}{}", request(Some(order))) },
    })
}

fn request(order: Option<&Order>) -> String {
    let id = order.and_then(|it| it.request_id.as_deref());
    id.map(|it| format!(" (request {it})")).unwrap_or_default()
}

/// The volumes at a server, with what Cinder says of each. One that this credential may not see has its id for a name.
pub(crate) async fn disks(session: &Session, region: &str, cloud_id: &str) -> Result<Vec<Disk>, CloudError> {
    let attachments = list(session, region, cloud_id).await?;
    let disk = async |it: Attachment| -> Result<Disk, Error> {
        let volume = volumes::find(session, region, &it.volume_id).await?;
        let (name, size_gib) = volume.map_or((None, None), |it| (it.name, it.size));
        Ok(Disk {
            name: name.filter(|it| !it.is_empty()).unwrap_or_else(|| it.volume_id.clone()),
            id: it.volume_id,
            size_bytes: size_gib.map(|it| it << 30),
            place: it.device,
            provisioning: None,
            raw_device: None,
        })
    };
    Ok(stream::iter(attachments).map(disk).buffered(AT_ONCE).try_collect().await?)
}
