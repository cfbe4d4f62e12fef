//! Volumes that we make. Each carries its mark as metadata from the moment Cinder knows it.

use std::time::Duration;

use cloud::{
    CloudError,
    asset::{Making, Part, missing},
    server::{Mark, Removal},
};
use futures_util::{StreamExt, pin_mut};
use jiff::Timestamp;
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
/// An order whose answer was lost is carried out within this time, or never.
const STILL_COMING: Duration = Duration::from_secs(600);

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

    fn created(&self) -> Option<Timestamp> {
        format!("{}Z", self.created_at.as_ref()?).parse().ok()
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
            address: None,
            used_by: it.servers().map(ToOwned::to_owned).collect(),
        }
    }
}

/// What our orders made, the oldest first: all with this mark, and `made` also where somebody took the mark off.
pub(crate) async fn list(
    session: &Session,
    region: &str,
    mark: Mark,
    made: &[Part],
) -> Result<Vec<CinderVolume>, Error> {
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
    for part in made {
        if found.iter().all(|it| it.id != part.id)
            && let Some(volume) = volumes::find(session, region, &part.id).await?
        {
            found.push(volume);
        }
    }
    found.sort_by(|a, b| (&a.created_at, &a.id).cmp(&(&b.created_at, &b.id)));
    Ok(of_orders(found, made))
}

/// Once all was there, a mark alone proves nothing: a backup that somebody restores to a new volume brings the metadata
/// along. What came at another time than `made` is not ours.
fn of_orders(mut found: Vec<CinderVolume>, made: &[Part]) -> Vec<CinderVolume> {
    if made.is_empty() {
        return found;
    }
    let is_made = |it: &CinderVolume| made.iter().any(|part| part.id == it.id);
    let first = found.iter().filter(|it| is_made(it)).find_map(CinderVolume::created);
    found.retain(|it| {
        let times = first.zip(it.created());
        is_made(it) || times.is_some_and(|(first, at)| at.duration_since(first).unsigned_abs() <= STILL_COMING)
    });
    found
}

pub(crate) async fn make(
    session: &Session,
    region: &str,
    mark: Mark,
    wanted: &Wanted<'_>,
    made: &[Part],
) -> Result<Making, CloudError> {
    let found = list(session, region, mark, made).await?;
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
pub(crate) async fn remove(session: &Session, region: &str, mark: Mark, made: &[Part]) -> Result<Removal, CloudError> {
    let found = list(session, region, mark, made).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_backup_is_not_ours() {
        let volume = |(id, created_at): (&str, &str)| {
            serde_json::from_value(json!({ "id": id, "status": "available", "created_at": created_at })).unwrap()
        };
        let made = [Part {
            kind: "volume".to_owned(),
            id: "made".to_owned(),
            status: None,
            address: None,
            used_by: Vec::new(),
        }];
        let ids = |found: &[(&str, &str)], made: &[Part]| {
            of_orders(found.iter().copied().map(volume).collect(), made).into_iter().map(|it| it.id).collect::<Vec<_>>()
        };
        let found = [
            ("earlier", "2026-01-01T09:00:00.000000"),
            ("made", "2026-01-01T10:00:00.000000"),
            ("twice", "2026-01-01T10:01:00.000000"),
            ("restored", "2026-01-02T10:00:00.000000"),
            ("odd", "yesterday"),
        ];
        assert_eq!(ids(&found, &made), ["made", "twice"]);
        assert_eq!(ids(&found, &[]), ["earlier", "made", "twice", "restored", "odd"], "nothing was ready yet");
        assert_eq!(ids(&found[2..], &made), [""; 0], "ours is gone");
    }
}
