use std::sync::Arc;

use async_trait::async_trait;
use cloud::{
    Cloud, CloudError, Endpoint, InstanceType, Location, LocationId,
    asset::{Asset, Making, Part},
    check::Reporter,
    inventory::{Machine, Noun, Page, Resource},
    operation::{Details, Operation, Progress, Target},
    server::{CloudServer, Mark, Order, PowerChange, Removal, ServerSpec},
    watch::Sighting,
};
use cloud_http::Exit;
use futures_util::{StreamExt, stream::BoxStream};
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Config, assets, describe,
    error::Error,
    glance,
    inventory::{self, NOUNS},
    nova::{console, flavors, launch, marked, power, removal, servers, watch},
    operate,
    session::Session,
    validate,
};

/// One credential at one OpenStack. It logs in at the first call; dropping it forgets the token, [`Cloud::close`] ends
/// it at Keystone too.
pub struct OpenStack {
    session: Session,
}

impl OpenStack {
    /// Without any connection. `secret` is the password, the secret of the application credential, or the token.
    /// [`CloudError::Invalid`] names the field that cannot work.
    pub fn new(config: Config, secret: SecretString, exit: Arc<Exit>) -> Result<OpenStack, CloudError> {
        Ok(OpenStack { session: Session::new(config, secret, exit)? })
    }

    /// What the console shows in a tab for each region:
    /// `{identity: {url, version}, user, project, roles, regions: [{name, services: [{type, name, catalogType, url,
    /// port, isDefaultPort, versions: [{id, status, minVersion, maxVersion}], extensions: [{alias, name}], error}]}]}`.
    /// A service that is missing or does not answer has `error` and is no failure of the whole.
    pub async fn describe(&self) -> Result<Value, CloudError> {
        Ok(describe::describe(&self.session).await?)
    }

    /// Why Keystone did not let this credential in the last time; `None` after a login.
    pub fn refusal(&self) -> Option<String> {
        self.session.last_refusal().map(|err| CloudError::from(err).to_string())
    }

    /// A login that was refused is tried again by the next call.
    pub fn try_again(&self) {
        self.session.try_again();
    }

    /// The region, if this credential uses it.
    async fn region(&self, location: &LocationId) -> Result<(), Error> {
        let login = self.session.login().await?;
        let regions = login.catalog.used_regions(&self.session.config)?;
        if regions.contains(&location.0) {
            return Ok(());
        }
        Err(Error::NoRegion { region: location.0.clone(), there: regions.join(", ") })
    }
}

#[async_trait]
impl Cloud for OpenStack {
    async fn validate(&self, report: &Reporter) {
        validate::validate(&self.session, report).await;
    }

    /// Regions of the catalog by name, since Keystone has no order; `RegionOne` where the catalog names none.
    async fn locations(&self) -> Result<Vec<Location>, CloudError> {
        let login = self.session.login().await?;
        let regions = login.catalog.used_regions(&self.session.config)?;
        let location = |name: String| Location { id: LocationId(name.clone()), name, vcenter: None };
        Ok(regions.into_iter().map(location).collect())
    }

    async fn instance_types(&self, location: &LocationId) -> Result<Option<Vec<InstanceType>>, CloudError> {
        self.region(location).await?;
        let flavors = flavors::list(&self.session, &location.0).await?;
        Ok(Some(flavors.into_iter().map(InstanceType::from).collect()))
    }

    fn nouns(&self) -> &'static [Noun] {
        &NOUNS
    }

    fn list<'a>(&'a self, location: &'a LocationId, noun: Noun) -> BoxStream<'a, Result<Page<Resource>, CloudError>> {
        async_stream::try_stream! {
            self.region(location).await?;
            let mut pages = inventory::list(&self.session, &location.0, noun)?;
            while let Some(items) = pages.next().await {
                yield Page { items: items?, hidden: None };
            }
        }
        .boxed()
    }

    fn machines<'a>(&'a self, location: &'a LocationId) -> BoxStream<'a, Result<Page<Machine>, CloudError>> {
        async_stream::try_stream! {
            self.region(location).await?;
            let mut pages = servers::list(&self.session, &location.0).boxed();
            while let Some(page) = pages.next().await {
                yield page?;
            }
        }
        .boxed()
    }

    async fn find_servers(
        &self,
        location: &LocationId,
        mark: Mark,
        order: Option<&Order>,
    ) -> Result<Vec<CloudServer>, CloudError> {
        self.region(location).await?;
        marked::find(&self.session, &location.0, mark, order).await
    }

    async fn launch(&self, spec: &ServerSpec) -> Result<Order, CloudError> {
        self.region(&spec.location).await?;
        launch::launch(&self.session, spec).await
    }

    async fn change_power(&self, location: &LocationId, cloud_id: &str, change: PowerChange) -> Result<(), CloudError> {
        self.region(location).await?;
        power::change(&self.session, &location.0, cloud_id, change).await
    }

    async fn remove_server(
        &self,
        location: &LocationId,
        mark: Mark,
        order: Option<&Order>,
    ) -> Result<Removal, CloudError> {
        self.region(location).await?;
        removal::remove(&self.session, &location.0, mark, order).await
    }

    async fn remove_surplus(
        &self,
        location: &LocationId,
        mark: Mark,
        kept: &str,
        others: &[String],
    ) -> Result<Vec<String>, CloudError> {
        self.region(location).await?;
        removal::remove_surplus(&self.session, &location.0, mark, kept, others).await
    }

    async fn operate(
        &self,
        target: &Target,
        id: Uuid,
        operation: &Operation,
        order: Option<&Order>,
    ) -> Result<Progress, CloudError> {
        self.region(&target.location).await?;
        operate::operate(&self.session, target, id, operation, order).await
    }

    async fn details(&self, location: &LocationId, cloud_id: &str) -> Result<Details, CloudError> {
        self.region(location).await?;
        operate::details(&self.session, location, cloud_id).await
    }

    async fn console_output(&self, location: &LocationId, cloud_id: &str, n_lines: u32) -> Result<String, CloudError> {
        self.region(location).await?;
        console::output(&self.session, &location.0, cloud_id, n_lines).await
    }

    async fn make_asset(
        &self,
        location: &LocationId,
        mark: Mark,
        asset: &Asset,
        made: &[Part],
    ) -> Result<Making, CloudError> {
        self.region(location).await?;
        assets::make(&self.session, &location.0, mark, asset, made).await
    }

    async fn find_asset(
        &self,
        location: &LocationId,
        mark: Mark,
        asset: &Asset,
        made: &[Part],
    ) -> Result<Vec<Part>, CloudError> {
        self.region(location).await?;
        assets::find(&self.session, &location.0, mark, asset, made).await
    }

    async fn remove_asset(
        &self,
        location: &LocationId,
        mark: Mark,
        asset: &Asset,
        made: &[Part],
    ) -> Result<Removal, CloudError> {
        self.region(location).await?;
        assets::remove(&self.session, &location.0, mark, asset, made).await
    }

    async fn delete_image(&self, location: &LocationId, id: &str) -> Result<(), CloudError> {
        self.region(location).await?;
        glance::delete(&self.session, &location.0, id).await
    }

    fn watch<'a>(&'a self, location: &'a LocationId) -> BoxStream<'a, Result<Sighting, CloudError>> {
        async_stream::try_stream! {
            self.region(location).await?;
            let mut sightings = watch::watch(&self.session, &location.0).boxed();
            while let Some(sighting) = sightings.next().await {
                yield sighting.map_err(|err| marked::too_old(&location.0, err))?;
            }
        }
        .boxed()
    }

    async fn endpoints(&self) -> Result<Vec<Endpoint>, CloudError> {
        Ok(self.session.login().await?.catalog.endpoints(&self.session.config))
    }

    /// Ends the token at Keystone, unless it is the one that the user gave.
    async fn close(&self) {
        self.session.close().await;
    }
}
