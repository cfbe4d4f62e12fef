use std::fmt;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CloudError, InstanceType,
    asset::{Asset, Making, Part},
    check::Reporter,
    event::{EventPage, EventQuery},
    file::{CloudFile, Upload},
    inventory::{Machine, Noun, Page, Resource},
    log::{Log, LogLines, LogPart},
    operation::{Details, Operation, Progress, Target},
    server::{CloudServer, Customization, Mark, Order, PowerChange, Removal, ServerSpec},
    task::CloudTask,
    watch::Sighting,
};

/// The id of a cloud location in API paths: an OpenStack region's name, or `MOREF@INSTANCE-UUID` of a vSphere
/// datacenter, because two vCenters reuse managed object references.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocationId(pub String);

impl fmt::Display for LocationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A region or a datacenter that this credential sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    pub id: LocationId,
    pub name: String,
    /// The vCenter a datacenter is in (its URL without user info); `None` for a region.
    pub vcenter: Option<String>,
}

/// One address the control plane connects to on behalf of a credential (`stackyard credentials catalog`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// `None` for what is not in a region (vCenters, an identity service of all regions).
    pub region: Option<String>,
    /// The service's name in the catalog (`nova`), or `vcenter`.
    pub service: String,
    /// The service type (`compute`), or `sdk`.
    pub service_type: String,
    /// `public`, `internal` or `admin`; `None` for a vCenter.
    pub interface: Option<String>,
    pub url: String,
    pub host: String,
    pub port: u16,
    /// The port is the one this service has by default.
    pub is_default_port: bool,
    /// The control plane connects here (the chosen interface); others are listed for information.
    pub is_used: bool,
}

/// A connected credential. Cheap to clone into an `Arc`; all methods may run at the same time. Sessions and tokens
/// are kept inside and renewed once on their own when the cloud says that they ended.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Looks at everything a credential needs and reports each check as it ends. Never fails itself; returns early
    /// only where what follows cannot be looked at, and then reports those checks as skipped.
    async fn validate(&self, report: &Reporter);

    /// Regions or datacenters this credential sees, in the cloud's own order.
    async fn locations(&self) -> Result<Vec<Location>, CloudError>;

    /// The sizes of a location by one upstream read (all its pages); `None` where the cloud has none of its own.
    async fn instance_types(&self, location: &LocationId) -> Result<Option<Vec<InstanceType>>, CloudError>;

    /// What [`Cloud::list`] knows here, in the order a person would look at it.
    fn nouns(&self) -> &'static [Noun];

    /// All things of one kind in one location, page by page as the cloud pages; memory holds one page.
    fn list<'a>(&'a self, location: &'a LocationId, noun: Noun) -> BoxStream<'a, Result<Page<Resource>, CloudError>>;

    /// All machines in one location, managed by us or not, page by page.
    fn machines<'a>(&'a self, location: &'a LocationId) -> BoxStream<'a, Result<Page<Machine>, CloudError>>;

    /// All that carries the mark in a location, and what is on its way to carry it: the answer is empty only when a
    /// launch that was sent, and whose answer was lost, is seen not to have begun. More than one is for the caller to
    /// sort out. `order` is that of the launch, where it is known.
    async fn find_servers(
        &self,
        location: &LocationId,
        mark: Mark,
        order: Option<&Order>,
    ) -> Result<Vec<CloudServer>, CloudError>;

    /// At which location of another site of the same credential what carries the mark is, when it is not where it was: a
    /// machine that is moved to a linked vCenter keeps its identity. An error where one of them cannot be asked, and
    /// [`CloudError::Conflict`] where it is in several.
    async fn find_elsewhere(&self, _location: &LocationId, _mark: Mark) -> Result<Option<LocationId>, CloudError> {
        Ok(None)
    }

    /// Has the cloud begin to make a server, switched on, and does not wait for it. Only after [`Cloud::find_servers`]
    /// found none. What an earlier try left (ports) is used again. When it is dropped or fails on the way, the server
    /// may be made nevertheless.
    async fn launch(&self, spec: &ServerSpec) -> Result<Order, CloudError>;

    /// Has the cloud do the next step that a server which [`Cloud::find_servers`] found needs to be what was ordered and
    /// to run, and does not wait for it: to be called while it is [`Phase::Building`](crate::server::Phase::Building),
    /// or is not on and shall be. Safe to repeat; [`CloudError::Conflict`] while the step before is under way. False
    /// where there is nothing to do: a cloud that does all at once works on it.
    async fn advance(&self, _spec: &ServerSpec, _server: &CloudServer) -> Result<bool, CloudError> {
        Ok(false)
    }

    /// What became of the customization of a guest: to be asked for a server that was launched with one and is on.
    async fn customization(&self, _location: &LocationId, _cloud_id: &str) -> Result<Customization, CloudError> {
        Err(CloudError::Unsupported("customization of guests".to_owned()))
    }

    /// Has the cloud begin to change the power of a server. [`CloudError::Conflict`] when it works on it, or when it is
    /// in no state for that; a server that is as wanted already is no error.
    async fn change_power(&self, location: &LocationId, cloud_id: &str, change: PowerChange) -> Result<(), CloudError>;

    /// Removes all that carries the mark, running or not, a bit with each call: to be called until it says
    /// [`Removal::Gone`].
    async fn remove_server(
        &self,
        location: &LocationId,
        mark: Mark,
        order: Option<&Order>,
    ) -> Result<Removal, CloudError>;

    /// Has the cloud begin to remove what an order that was carried out twice left beside the server that is kept:
    /// `others`, as [`Cloud::find_servers`] found them, unless they do not carry the mark; and what was made twice for
    /// the one that is kept. Tells what that is: `port 7c…`.
    async fn remove_surplus(
        &self,
        _location: &LocationId,
        _mark: Mark,
        _kept: &str,
        others: &[String],
    ) -> Result<Vec<String>, CloudError> {
        match others.is_empty() {
            true => Ok(Vec::new()),
            false => Err(CloudError::Unsupported("two servers with one mark".to_owned())),
        }
    }

    /// Has the cloud do the next step of an operation on a server, and does not wait for it: to be called until it says
    /// [`Progress::Done`] or [`Progress::Failed`]. Safe to repeat, also when an answer was lost: what carries `id` is
    /// found before anything is made. `order` is what an earlier call got. [`CloudError::Conflict`] while the cloud works
    /// on the server; [`CloudError::Refused`] in a state that only a user can change; [`CloudError::Unsupported`] where
    /// the cloud knows no such thing.
    async fn operate(
        &self,
        _target: &Target,
        _id: Uuid,
        _operation: &Operation,
        _order: Option<&Order>,
    ) -> Result<Progress, CloudError> {
        Err(CloudError::Unsupported("operations on servers".to_owned()))
    }

    /// Disks, snapshots and addresses of one server, as they are now.
    async fn details(&self, _location: &LocationId, _cloud_id: &str) -> Result<Details, CloudError> {
        Err(CloudError::Unsupported("details of servers".to_owned()))
    }

    /// The end of what the server wrote to its serial console: at most so many lines.
    async fn console_output(
        &self,
        _location: &LocationId,
        _cloud_id: &str,
        _n_lines: u32,
    ) -> Result<String, CloudError> {
        Err(CloudError::Unsupported("the output of a serial console".to_owned()))
    }

    /// What is on the server's screen: a PNG.
    async fn console_picture(&self, _location: &LocationId, _cloud_id: &str) -> Result<Vec<u8>, CloudError> {
        Err(CloudError::Unsupported("a picture of the screen".to_owned()))
    }

    /// Does the next step that brings about an asset as it is described, and does not wait for it: to be called until it
    /// is [`Making::Ready`] or [`Making::Failed`]. Safe to repeat, also when an answer was lost: what carries the mark is
    /// found before anything is made. A description that asks for more than is there makes it more (a larger volume,
    /// other rules). `made` are the parts that it had when it was ready, none before: one of these that is gone is told as
    /// [`Making::Missing`], and not made again. [`CloudError::Refused`] for what cannot be.
    async fn make_asset(
        &self,
        _location: &LocationId,
        _mark: Mark,
        asset: &Asset,
        _made: &[Part],
    ) -> Result<Making, CloudError> {
        Err(CloudError::Unsupported(asset.plural().to_owned()))
    }

    /// What there is of it in the cloud now; `made` as [`Cloud::make_asset`] has it. Changes nothing.
    async fn find_asset(
        &self,
        _location: &LocationId,
        _mark: Mark,
        asset: &Asset,
        _made: &[Part],
    ) -> Result<Vec<Part>, CloudError> {
        Err(CloudError::Unsupported(asset.plural().to_owned()))
    }

    /// Removes all of it, a bit with each call: to be called until it says [`Removal::Gone`]; `made` as
    /// [`Cloud::make_asset`] has it. [`CloudError::Conflict`] while something that is not ours uses it, which it names.
    async fn remove_asset(
        &self,
        _location: &LocationId,
        _mark: Mark,
        asset: &Asset,
        _made: &[Part],
    ) -> Result<Removal, CloudError> {
        Err(CloudError::Unsupported(asset.plural().to_owned()))
    }

    /// The logs that the cloud keeps of itself, or of one of its hosts.
    async fn logs(&self, _location: &LocationId, _host: Option<&str>) -> Result<Vec<Log>, CloudError> {
        Err(CloudError::Unsupported("logs of the cloud".to_owned()))
    }

    /// A part of one of [`Cloud::logs`], of 1 MiB at most.
    async fn log_lines(&self, _location: &LocationId, _part: &LogPart) -> Result<LogLines, CloudError> {
        Err(CloudError::Unsupported("logs of the cloud".to_owned()))
    }

    /// What the cloud says came to pass in a location, the newest first.
    async fn events(&self, _location: &LocationId, _query: &EventQuery) -> Result<EventPage, CloudError> {
        Err(CloudError::Unsupported("events of the cloud".to_owned()))
    }

    /// What is in one folder of a datastore, sorted by path; the top is the empty path.
    async fn files(
        &self,
        _location: &LocationId,
        _datastore: &str,
        _folder: &str,
    ) -> Result<Vec<CloudFile>, CloudError> {
        Err(CloudError::Unsupported("files on datastores".to_owned()))
    }

    /// Removes one file for good; of a disk, all that belongs to it. [`CloudError::Conflict`] for what a machine uses, where
    /// that can be known; [`CloudError::Refused`] for folders.
    async fn delete_file(&self, _location: &LocationId, _datastore: &str, _path: &str) -> Result<(), CloudError> {
        Err(CloudError::Unsupported("files on datastores".to_owned()))
    }

    /// Puts a new file on a datastore, making the folders above it. It appears as a whole or not at all.
    /// [`CloudError::Conflict`] where there is one of its name; [`CloudError::Refused`] for what would be a part of a
    /// machine, and where there is no room.
    async fn upload_file(
        &self,
        _location: &LocationId,
        _datastore: &str,
        _path: &str,
        _upload: Upload,
    ) -> Result<CloudFile, CloudError> {
        Err(CloudError::Unsupported("files on datastores".to_owned()))
    }

    /// Makes a folder for machines in another one, and returns its id. [`CloudError::Conflict`] where the name is taken.
    async fn create_folder(&self, _location: &LocationId, _parent: &str, _name: &str) -> Result<String, CloudError> {
        Err(CloudError::Unsupported("folders of machines".to_owned()))
    }

    /// [`CloudError::Conflict`] for one that is not empty, [`CloudError::Refused`] for the one of the location itself.
    async fn delete_folder(&self, _location: &LocationId, _id: &str) -> Result<(), CloudError> {
        Err(CloudError::Unsupported("folders of machines".to_owned()))
    }

    /// As [`Cloud::delete_folder`].
    async fn delete_resource_pool(&self, _location: &LocationId, _id: &str) -> Result<(), CloudError> {
        Err(CloudError::Unsupported("resource pools".to_owned()))
    }

    /// Removes an image, or a template with its disks, for good; one that is gone is no error. [`CloudError::Conflict`] for
    /// what is protected or in use.
    async fn delete_image(&self, location: &LocationId, id: &str) -> Result<(), CloudError>;

    /// What the cloud does and did lately in a location, the last that began first.
    async fn tasks(&self, _location: &LocationId) -> Result<Vec<CloudTask>, CloudError> {
        Err(CloudError::Unsupported("tasks of the cloud".to_owned()))
    }

    /// Asks for the end of a task, and returns it as it is then: it may end later. [`CloudError::Conflict`] where it has
    /// ended.
    async fn cancel_task(&self, _location: &LocationId, _id: &str) -> Result<CloudTask, CloudError> {
        Err(CloudError::Unsupported("tasks of the cloud".to_owned()))
    }

    /// Tells what becomes of the machines of a location, without end: it waits in the cloud, or asks it now and then, and
    /// is silent for 30 seconds at most, and as long as a call may take. A session that the cloud ended is renewed inside;
    /// any other error is the end of it. To be dropped at any time.
    fn watch<'a>(&'a self, location: &'a LocationId) -> BoxStream<'a, Result<Sighting, CloudError>>;

    /// Every address of the catalog, or of the vCenters.
    async fn endpoints(&self) -> Result<Vec<Endpoint>, CloudError>;

    /// Logs out, for good: what still runs fails, and nothing logs in again. Waits for a login that is under way.
    async fn close(&self);
}
