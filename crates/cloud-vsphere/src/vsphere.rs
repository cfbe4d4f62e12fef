use std::sync::Arc;

use async_stream::try_stream;
use async_trait::async_trait;
use cloud::{
    Cloud, CloudError, Endpoint, InstanceType, Location, LocationId,
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
use cloud_http::{Client, Exit};
use futures_util::{
    StreamExt, TryStreamExt,
    future::join_all,
    stream::{self, BoxStream},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tracing::warn;
use uuid::Uuid;

use crate::{
    Config, containers, events, files, images,
    inventory::{
        Place, cloud_images, clusters, customization_specs, datacenters, datastores, folders, hosts,
        machines as inventory_machines, networks,
        outlines::{self, Outline},
        resource_pools, storage_pods,
    },
    logs,
    machines::{clone, configure, customization, details, find, operate, power, remove, screen},
    recent_tasks,
    session::VCenter,
    soap::error::CallError,
    validate, watch,
};

/// vCenters of one credential that are asked at once.
pub(crate) const VCENTERS_AT_ONCE: usize = 4;

const NOUNS: &[Noun] = &[
    Noun::CloudImages,
    Noun::Networks,
    Noun::Clusters,
    Noun::Hosts,
    Noun::ResourcePools,
    Noun::Folders,
    Noun::Datastores,
    Noun::StoragePods,
    Noun::CustomizationSpecs,
];

/// One vSphere credential: a vCenter and those linked with it. Connects when it is first used.
pub struct Vsphere {
    /// The main one first.
    vcenters: Vec<Arc<VCenter>>,
}

impl Vsphere {
    /// Fails only where [`Config::check`] does; asks nobody.
    pub fn new(config: Config, password: SecretString, exit: Arc<Exit>) -> Result<Vsphere, CloudError> {
        config.check()?;
        let client = Client::new(exit, config.trust()?)
            .map_err(|err| CloudError::Invalid { field: "caCertificate", message: err.to_string() })?
            .of_account(&config.account()?);
        let endpoints = config.endpoints()?.into_iter();
        let vcenters = endpoints.map(|url| {
            Arc::new(VCenter::new(url, config.user_name.trim().to_owned(), password.clone(), client.clone()))
        });
        Ok(Vsphere { vcenters: vcenters.collect() })
    }

    /// `{vCenters: [{url, apiType, apiVersion, version, build, fullName, instanceUuid}]}`, the main one first. A linked
    /// one that does not answer has `{url, error}`.
    pub async fn describe(&self) -> Result<Value, CloudError> {
        let abouts: Vec<_> = self.vcenters.iter().map(|it| it.about()).collect();
        let abouts: Vec<_> = stream::iter(abouts).buffered(VCENTERS_AT_ONCE).collect().await;
        let mut entries = Vec::new();
        for (index, (vcenter, content)) in self.vcenters.iter().zip(abouts).enumerate() {
            let url = vcenter.url.as_str();
            entries.push(match content {
                Ok(content) => {
                    let about = content.about;
                    json!({
                        "url": url,
                        "apiType": about.api_type,
                        "apiVersion": about.api_version,
                        "version": about.version,
                        "build": about.build,
                        "fullName": about.full_name,
                        "instanceUuid": about.instance_uuid,
                    })
                }
                Err(err) if index == 0 => return Err(err.into()),
                Err(err) => json!({"url": url, "error": err.to_string()}),
            });
        }
        Ok(json!({ "vCenters": entries }))
    }

    /// The datacenters of each vCenter by its URL, the main one first: one that fails does not hide the others.
    pub async fn locations_by_vcenter(&self) -> Vec<(String, Result<Vec<Location>, CloudError>)> {
        // The main one decides about the login, so it is asked first.
        let Some((main, linked)) = self.vcenters.split_first() else { return Vec::new() };
        let main_failed = main.session().await.err();
        let of_main = (main, main_failed);
        let asked = std::iter::once(of_main).chain(linked.iter().map(|it| (it, self.refusal_for(it))));
        let asked = asked.map(async |(vcenter, failed)| {
            let locations = match failed {
                Some(err) => Err(err),
                None => datacenters::locations(vcenter).await,
            };
            (vcenter.url.to_string(), locations.map_err(CloudError::from))
        });
        stream::iter(asked.collect::<Vec<_>>()).buffered(VCENTERS_AT_ONCE).collect().await
    }

    /// Why no vCenter lets this user in; `None` while one does. Linked ones are not asked after the main one refused.
    pub fn refusal(&self) -> Option<String> {
        if self.vcenters.iter().any(|it| it.is_logged_in()) {
            return None;
        }
        self.vcenters.first()?.last_refusal().map(|err| CloudError::from(err).to_string())
    }

    /// A login that was refused is tried again by the next call.
    pub fn try_again(&self) {
        self.vcenters.iter().for_each(|it| it.try_again());
    }

    /// Why a vCenter is not logged in to: linked vCenters have the users of the main one, so what that refused is not
    /// sent to them. Each attempt counts against the account.
    fn refusal_for(&self, vcenter: &VCenter) -> Option<CallError> {
        let refusal = self.vcenters.first().and_then(|main| main.refusal());
        refusal.filter(|_| !vcenter.is_logged_in())
    }

    /// All machines and templates of all vCenters in few properties, in pieces of at most a thousand: for measuring.
    pub fn outlines(&self) -> BoxStream<'_, Result<Vec<Outline>, CloudError>> {
        Box::pin(try_stream! {
            for vcenter in &self.vcenters {
                let root = vcenter.session().await?.content.root_folder.clone();
                let mut pieces = outlines::list(vcenter, root);
                while let Some(piece) = pieces.try_next().await? {
                    yield piece;
                }
            }
        })
    }

    /// Finds the vCenter by its UUID, which each tells without a name or an address, and logs in to that one.
    async fn place(&self, location: &LocationId) -> Result<Place<'_>, CloudError> {
        let (datacenter, uuid) = datacenters::parse(location)?;
        let vcenter = match self.vcenters.iter().find(|it| it.known_uuid().as_deref() == Some(uuid)) {
            Some(vcenter) => vcenter,
            None => self.find(uuid).await?,
        };
        if let Some(err) = self.refusal_for(vcenter) {
            return Err(err.into());
        }
        match vcenter.session().await {
            Ok(session) if session.content.about.instance_uuid == uuid => Ok(Place { vcenter, datacenter }),
            // Another one is at that address by now.
            Ok(_) => Err(not_found(uuid)),
            Err(err) => Err(err.into()),
        }
    }

    async fn find(&self, uuid: &str) -> Result<&Arc<VCenter>, CloudError> {
        let asked: Vec<_> = self.vcenters.iter().map(|it| it.instance_uuid()).collect();
        let told: Vec<_> = stream::iter(asked).buffered(VCENTERS_AT_ONCE).collect().await;
        let mut failed = None;
        for (vcenter, told) in self.vcenters.iter().zip(told) {
            match told {
                Ok(told) if told == uuid => return Ok(vcenter),
                Ok(_) => {}
                Err(err) => failed = failed.or(Some(err)),
            }
        }
        // It may be the one that does not answer.
        Err(failed.map_or_else(|| not_found(uuid), CloudError::from))
    }
}

fn not_found(uuid: &str) -> CloudError {
    CloudError::NotFound(format!("no vCenter of this credential has the UUID {uuid}"))
}

#[async_trait]
impl Cloud for Vsphere {
    async fn validate(&self, report: &Reporter) {
        validate::validate(&self.vcenters, report).await;
    }

    /// Datacenters of all vCenters that answer; an error only where none does. See
    /// [`Vsphere::locations_by_vcenter`] for which of them failed.
    async fn locations(&self) -> Result<Vec<Location>, CloudError> {
        let mut all = Vec::new();
        let mut failed = None;
        let mut n_answered = 0;
        for (url, locations) in self.locations_by_vcenter().await {
            match locations {
                Ok(locations) => {
                    n_answered += 1;
                    all.extend(locations);
                }
                Err(err) => {
                    let cause: &dyn std::error::Error = &err;
                    warn!(vcenter = url, cause, "cannot list the datacenters of {url}");
                    failed = failed.or(Some(err));
                }
            }
        }
        match failed {
            Some(err) if n_answered == 0 => Err(err),
            _ => Ok(all),
        }
    }

    async fn instance_types(&self, _: &LocationId) -> Result<Option<Vec<InstanceType>>, CloudError> {
        Ok(None)
    }

    fn nouns(&self) -> &'static [Noun] {
        NOUNS
    }

    fn list<'a>(&'a self, location: &'a LocationId, noun: Noun) -> BoxStream<'a, Result<Page<Resource>, CloudError>> {
        Box::pin(try_stream! {
            let place = self.place(location).await?;
            let mut pages = match noun {
                Noun::CloudImages => cloud_images::list(place),
                Noun::Networks => networks::list(place),
                Noun::Clusters => clusters::list(place),
                Noun::Hosts => hosts::list(place),
                Noun::ResourcePools => resource_pools::list(place),
                Noun::Folders => folders::list(place),
                Noun::Datastores => datastores::list(place),
                Noun::StoragePods => storage_pods::list(place),
                Noun::CustomizationSpecs => customization_specs::list(place),
                Noun::SecurityGroups
                | Noun::Keypairs
                | Noun::AvailabilityZones
                | Noun::VolumeTypes
                | Noun::ServerGroups
                | Noun::ObjectContainers => Err(CloudError::Unsupported(format!("vSphere has no {noun}")))?,
            };
            while let Some(page) = pages.try_next().await? {
                yield page;
            }
        })
    }

    fn machines<'a>(&'a self, location: &'a LocationId) -> BoxStream<'a, Result<Page<Machine>, CloudError>> {
        Box::pin(try_stream! {
            let mut pages = inventory_machines::list(self.place(location).await?);
            while let Some(page) = pages.try_next().await? {
                yield page;
            }
        })
    }

    async fn find_servers(
        &self,
        location: &LocationId,
        mark: Mark,
        order: Option<&Order>,
    ) -> Result<Vec<CloudServer>, CloudError> {
        find::servers(&self.place(location).await?, mark, order).await
    }

    async fn find_elsewhere(&self, location: &LocationId, mark: Mark) -> Result<Option<LocationId>, CloudError> {
        if self.vcenters.len() == 1 {
            return Ok(None);
        }
        let (_, here) = datacenters::parse(location)?;
        let mut found = Vec::new();
        for (_, locations) in self.locations_by_vcenter().await {
            for Location { id, .. } in locations? {
                let is_here = datacenters::parse(&id)?.1 == here;
                if !is_here && find::is_in(&self.place(&id).await?, mark).await? {
                    found.push(id);
                }
            }
        }
        match found.as_slice() {
            [first, second, ..] => {
                let text =
                    format!("machines at {first} and at {second} have the instance UUID {mark}; remove one of them");
                Err(CloudError::Conflict(text))
            }
            _ => Ok(found.pop()),
        }
    }

    async fn launch(&self, spec: &ServerSpec) -> Result<Order, CloudError> {
        clone::launch(&self.place(&spec.location).await?, spec).await
    }

    async fn advance(&self, spec: &ServerSpec, server: &CloudServer) -> Result<bool, CloudError> {
        configure::advance(&self.place(&spec.location).await?, spec, server).await
    }

    async fn customization(&self, location: &LocationId, cloud_id: &str) -> Result<Customization, CloudError> {
        customization::outcome::of_machine(&self.place(location).await?, cloud_id).await
    }

    async fn change_power(&self, location: &LocationId, cloud_id: &str, change: PowerChange) -> Result<(), CloudError> {
        power::change(&self.place(location).await?, cloud_id, change).await
    }

    async fn remove_server(
        &self,
        location: &LocationId,
        mark: Mark,
        order: Option<&Order>,
    ) -> Result<Removal, CloudError> {
        remove::step(&self.place(location).await?, mark, order).await
    }

    async fn operate(
        &self,
        target: &Target,
        id: Uuid,
        operation: &Operation,
        order: Option<&Order>,
    ) -> Result<Progress, CloudError> {
        operate::step(&self.place(&target.location).await?, target, id, operation, order).await
    }

    async fn details(&self, location: &LocationId, cloud_id: &str) -> Result<Details, CloudError> {
        details::get(&self.place(location).await?, cloud_id).await
    }

    async fn console_output(&self, _: &LocationId, _: &str, _: u32) -> Result<String, CloudError> {
        let why = "the output of a serial console; a vCenter keeps none, so look at the picture of the screen";
        Err(CloudError::Unsupported(why.to_owned()))
    }

    async fn console_picture(&self, location: &LocationId, cloud_id: &str) -> Result<Vec<u8>, CloudError> {
        screen::picture(&self.place(location).await?, cloud_id).await
    }

    async fn logs(&self, location: &LocationId, host: Option<&str>) -> Result<Vec<Log>, CloudError> {
        logs::list(&self.place(location).await?, host).await
    }

    async fn log_lines(&self, location: &LocationId, part: &LogPart) -> Result<LogLines, CloudError> {
        logs::lines(&self.place(location).await?, part).await
    }

    async fn events(&self, location: &LocationId, query: &EventQuery) -> Result<EventPage, CloudError> {
        events::list(&self.place(location).await?, query).await
    }

    async fn files(&self, location: &LocationId, datastore: &str, folder: &str) -> Result<Vec<CloudFile>, CloudError> {
        files::list(&self.place(location).await?, datastore, folder).await
    }

    async fn upload_file(
        &self,
        location: &LocationId,
        datastore: &str,
        path: &str,
        upload: Upload,
    ) -> Result<CloudFile, CloudError> {
        files::upload(&self.place(location).await?, datastore, path, upload).await
    }

    async fn delete_file(&self, location: &LocationId, datastore: &str, path: &str) -> Result<(), CloudError> {
        files::delete(&self.place(location).await?, datastore, path).await
    }

    async fn create_folder(&self, location: &LocationId, parent: &str, name: &str) -> Result<String, CloudError> {
        containers::folders::create(&self.place(location).await?, parent, name).await
    }

    async fn delete_folder(&self, location: &LocationId, id: &str) -> Result<(), CloudError> {
        containers::folders::delete(&self.place(location).await?, id).await
    }

    async fn delete_resource_pool(&self, location: &LocationId, id: &str) -> Result<(), CloudError> {
        containers::resource_pools::delete(&self.place(location).await?, id).await
    }

    async fn delete_image(&self, location: &LocationId, id: &str) -> Result<(), CloudError> {
        images::delete(&self.place(location).await?, id).await
    }

    async fn tasks(&self, location: &LocationId) -> Result<Vec<CloudTask>, CloudError> {
        recent_tasks::list(&self.place(location).await?).await
    }

    async fn cancel_task(&self, location: &LocationId, id: &str) -> Result<CloudTask, CloudError> {
        recent_tasks::cancel(&self.place(location).await?, id).await
    }

    fn watch<'a>(&'a self, location: &'a LocationId) -> BoxStream<'a, Result<Sighting, CloudError>> {
        Box::pin(try_stream! {
            let place = self.place(location).await?;
            let mut sightings = watch::watch(&place);
            while let Some(sighting) = sightings.try_next().await? {
                yield sighting;
            }
        })
    }

    async fn endpoints(&self) -> Result<Vec<Endpoint>, CloudError> {
        let endpoint = |vcenter: &Arc<VCenter>| {
            let port = vcenter.url.port_or_known_default().unwrap_or(443);
            Endpoint {
                region: None,
                service: "vcenter".to_owned(),
                service_type: "sdk".to_owned(),
                interface: None,
                url: vcenter.url.to_string(),
                host: vcenter.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
                port,
                is_default_port: port == 443,
                is_used: true,
            }
        };
        Ok(self.vcenters.iter().map(endpoint).collect())
    }

    async fn close(&self) {
        join_all(self.vcenters.iter().map(|it| it.close())).await;
    }
}
