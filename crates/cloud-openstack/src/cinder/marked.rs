//! Volumes that we make. Each carries its mark as metadata from the moment Cinder knows it.

use cloud::{
    CloudError,
    asset::{Making, Part, missing},
    server::{Mark, Removal},
};
use futures_util::{StreamExt, pin_mut};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    PAGE, messages,
    volumes::{self, CinderVolume},
};
use crate::{
    catalog::Service,
    error::Error,
    pages::{Link, PageReply, marker, pages},
    session::{At, Change, Get, Session},
};

const METADATA_KEY: &str = "stackyard_mark";
/// From here on (Cinder 11, 2017) a volume that a server has can be extended.
/// <https://docs.openstack.org/cinder/latest/contributor/api_microversion_history.html>
const EXTEND_IN_USE: &str = "3.42";

/// Which volume it is to be. Its name, type and zone matter when it is made.
pub(crate) struct Wanted<'a> {
    pub name: &'a str,
    pub size_gib: u32,
    pub volume_type: Option<&'a str>,
    pub availability_zone: Option<&'a str>,
}

#[derive(Deserialize)]
struct Reply {
    volumes: Vec<CinderVolume>,
    #[serde(default)]
    volumes_links: Vec<Link>,
}

impl PageReply for Reply {
    type Item = CinderVolume;

    fn split(self) -> (Vec<CinderVolume>, Option<String>) {
        let next = marker(&self.volumes_links, &self.volumes, |it| &it.id);
        (self.volumes, next)
    }
}

impl CinderVolume {
    fn is_marked(&self, mark: Mark) -> bool {
        self.metadata.get(METADATA_KEY).is_some_and(|it| *it == mark.to_string())
    }

    /// A server has it, or is about to have or leave it.
    fn is_used(&self) -> bool {
        matches!(self.status.as_str(), "in-use" | "attaching" | "detaching" | "reserved")
            || !self.attachments.is_empty()
    }
}

impl From<&CinderVolume> for Part {
    fn from(it: &CinderVolume) -> Part {
        Part {
            kind: "volume".to_owned(),
            id: it.id.clone(),
            status: Some(it.status.clone()),
            used_by: it.servers().map(ToOwned::to_owned).collect(),
        }
    }
}

/// The volumes with this mark, the oldest first.
pub(crate) async fn list(session: &Session, region: &str, mark: Mark) -> Result<Vec<CinderVolume>, Error> {
    let filter = json!({ METADATA_KEY: mark }).to_string();
    let query = [("metadata", filter.as_str())];
    let call = Get::new(At { service: Service::Volume, region }, "/volumes/detail").query(&query);
    let pages = pages::<Reply>(session, call, PAGE);
    pin_mut!(pages);
    let mut found: Vec<CinderVolume> = Vec::new();
    while let Some(page) = pages.next().await {
        // A cloud whose operator took the filter away (`resource_filters.json`) lists all.
        found.extend(page?.into_iter().filter(|it| it.is_marked(mark)));
    }
    found.sort_by(|a, b| (&a.created_at, &a.id).cmp(&(&b.created_at, &b.id)));
    Ok(found)
}

pub(crate) async fn make(
    session: &Session,
    region: &str,
    mark: Mark,
    wanted: &Wanted<'_>,
    made: &[Part],
) -> Result<Making, CloudError> {
    let mut found = list(session, region, mark).await?;
    for part in made {
        // Somebody may have changed its metadata.
        if found.iter().all(|it| it.id != part.id)
            && let Some(volume) = volumes::find(session, region, &part.id).await?
        {
            found.push(volume);
        }
    }
    let parts: Vec<Part> = found.iter().map(Part::from).collect();
    let gone = missing(made, &parts);
    if !gone.is_empty() {
        return Ok(Making::Missing(gone));
    }
    let kept = found.iter().find(|it| made.iter().any(|part| part.id == it.id));
    let kept = kept.or_else(|| found.iter().find(|it| it.is_used()));
    let Some(kept) = kept.or_else(|| found.iter().find(|it| it.status != "deleting")) else {
        if !found.is_empty() {
            return Ok(Making::UnderWay(parts));
        }
        return Ok(Making::UnderWay(vec![create(session, region, mark, wanted).await?]));
    };
    // An order whose answer was lost was carried out after all.
    let others: Vec<&CinderVolume> = found.iter().filter(|it| it.id != kept.id && !it.is_used()).collect();
    for other in &others {
        if !matches!(other.status.as_str(), "creating" | "deleting") {
            delete(session, region, other).await?;
        }
    }
    let part = vec![Part::from(kept)];
    match step(session, region, kept, wanted.size_gib).await? {
        Step::Failed(message) => Ok(Making::Failed { message, parts: part }),
        Step::UnderWay => Ok(Making::UnderWay(part)),
        Step::Done if others.is_empty() => Ok(Making::Ready(part)),
        Step::Done => Ok(Making::UnderWay(part)),
    }
}

enum Step {
    Done,
    UnderWay,
    Failed(String),
}

/// Brings one that is there to its size.
async fn step(session: &Session, region: &str, volume: &CinderVolume, size_gib: u32) -> Result<Step, CloudError> {
    let (id, status) = (&volume.id, volume.status.as_str());
    if status.starts_with("error") {
        let told = messages::last(session, region, id).await.map(|it| format!(": {it}")).unwrap_or_default();
        return Ok(Step::Failed(format!("volume {id} is {status}{told}")));
    }
    if matches!(status, "creating" | "downloading" | "extending" | "deleting") {
        return Ok(Step::UnderWay);
    }
    let size = volume.size.unwrap_or_default();
    if size > u64::from(size_gib) {
        let message = format!("volume {id} has {size} GiB; a volume is never made smaller ({size_gib} GiB)");
        return Err(CloudError::Refused(message));
    }
    if size == u64::from(size_gib) {
        return Ok(Step::Done);
    }
    let microversion = match status {
        "available" => None,
        "in-use" => Some(EXTEND_IN_USE),
        _ => return Ok(Step::UnderWay),
    };
    let (at, path) = (At { service: Service::Volume, region }, path(volume)? + "/action");
    // <https://docs.openstack.org/api-ref/block-storage/v3/#extend-a-volume-size>
    let call = Change::post(at, &path, json!({ "os-extend": { "new_size": size_gib } }));
    match session.change(&Change { microversion, ..call }).await {
        Ok(_) => Ok(Step::UnderWay),
        Err(err) if err.status() == Some(406) => Err(CloudError::Refused(format!(
            "volume {id} is {}; this Cinder extends only one that is available: detach it first",
            volume.shown()
        ))),
        Err(err) => Err(err.into()),
    }
}

/// <https://docs.openstack.org/api-ref/block-storage/v3/#create-a-volume>
async fn create(session: &Session, region: &str, mark: Mark, wanted: &Wanted<'_>) -> Result<Part, CloudError> {
    #[derive(Deserialize)]
    struct One {
        volume: CinderVolume,
    }
    let mut volume = json!({ "name": wanted.name, "size": wanted.size_gib, "metadata": { METADATA_KEY: mark } });
    if let Some(volume_type) = wanted.volume_type {
        volume["volume_type"] = json!(volume_type);
    }
    if let Some(zone) = wanted.availability_zone {
        volume["availability_zone"] = json!(zone);
    }
    let call = Change::post(At { service: Service::Volume, region }, "/volumes", json!({ "volume": volume }));
    match session.change(&call).await {
        Ok(answer) => Ok(Part::from(&session.parse::<One>(&answer.url, &answer.body)?.volume)),
        // The volume type.
        Err(err) if err.status() == Some(404) => Err(CloudError::Refused(err.to_string())),
        Err(err) => Err(err.into()),
    }
}

/// Nothing of it while a server has it. What Cinder works on is waited for, since it cannot be deleted.
pub(crate) async fn remove(session: &Session, region: &str, mark: Mark) -> Result<Removal, CloudError> {
    let found = list(session, region, mark).await?;
    if let Some(used) = found.iter().find(|it| it.is_used()) {
        return Err(CloudError::Conflict(format!("volume {} is {}; detach it first", used.id, used.shown())));
    }
    for volume in &found {
        match volume.status.as_str() {
            "creating" | "downloading" | "extending" | "deleting" => {}
            "error_deleting" => {
                let told = messages::last(session, region, &volume.id).await;
                let told = told.map(|it| format!(": {it}")).unwrap_or_default();
                delete(session, region, volume).await?;
                return Err(CloudError::Conflict(format!("volume {} is error_deleting{told}", volume.id)));
            }
            _ => delete(session, region, volume).await?,
        }
    }
    Ok(if found.is_empty() { Removal::Gone } else { Removal::UnderWay })
}

/// One that is in no state for it (it has snapshots, say) is a conflict with Cinder's words.
async fn delete(session: &Session, region: &str, volume: &CinderVolume) -> Result<(), CloudError> {
    let path = path(volume)?;
    match session.change(&Change::delete(At { service: Service::Volume, region }, &path)).await {
        Err(err) if err.status() == Some(404) => Ok(()),
        Err(err) if err.status() == Some(400) => Err(CloudError::Conflict(err.to_string())),
        Err(err) => Err(err.into()),
        Ok(_) => Ok(()),
    }
}

/// All ids are UUIDs, and anything else could lead elsewhere.
fn path(volume: &CinderVolume) -> Result<String, CloudError> {
    match Uuid::parse_str(&volume.id) {
        Ok(id) => Ok(format!("/volumes/{id}")),
        Err(_) => Err(CloudError::Service {
            endpoint: "Cinder".to_owned(),
            message: format!("the id {:?} of a volume is no UUID", volume.id),
        }),
    }
}
