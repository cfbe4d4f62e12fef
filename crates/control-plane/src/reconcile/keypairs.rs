//! The keypair that a farm's servers on OpenStack are launched with: one for each of its credentials and locations, an
//! asset like volumes and networks, ordered by the first server that needs it.

use std::time::Duration;

use api_types::{farm_roles::CloudFeatures, servers::Failure};
use cloud::{Driver, Platform, asset::Asset as Description};
use store::{
    DbError, Json, Time, Tx,
    assets::{self, Asset, NewAsset},
    farm_roles,
    servers::Server,
};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{
    failure::{self, Class},
    spec::NoSpec,
};
use crate::{app::App, keypair, secrets::private_key_place};

pub const KIND: &str = "keypair";
/// One that is made again, and again is not there, is not made a third time at once.
const ONCE_IN: Duration = Duration::from_secs(60);

/// What the cloud knows the keypair of a server by; `None`: it is launched without one.
pub async fn name(tx: &mut Tx, server: &Server, features: &CloudFeatures) -> Result<Option<String>, NoSpec> {
    if !may_have_one(server) || features.disable_key_pair_management {
        return Ok(None);
    }
    if features.key_pair.is_some() {
        return Ok(features.key_pair.clone());
    }
    let Some(asset) = of(tx, server).await? else { return Err(NoSpec::Keypair) };
    let failure = asset.seen.failure.and_then(|it| serde_json::from_value::<Failure>(it.0).ok());
    match (asset.seen.ready_at, failure) {
        (Some(_), _) => Ok(Some(asset.name)),
        (None, Some(failure)) => Err(NoSpec::Failure(Box::new(failure::without_keypair(failure)))),
        (None, None) => Err(NoSpec::Keypair),
    }
}

/// So that no cloud is asked of a server whose keypair is not there yet. Where the cloud cannot be asked at all, the look at
/// the server says so better.
pub async fn check(app: &App, server: &Server) -> Result<(), NoSpec> {
    if !may_have_one(server) {
        return Ok(());
    }
    let mut tx = app.db.read().await?;
    // Without a farm role there is no server either, which is said later.
    let Some(farm_role) = farm_roles::find(&mut tx, server.farm_role_id).await? else { return Ok(()) };
    let features = farm_role.config.0.get("cloudFeatures").cloned();
    let features = features.and_then(|it| serde_json::from_value(it).ok()).unwrap_or_default();
    let later = [Class::Unauthorized.as_str(), Class::Transient.as_str()];
    match name(&mut tx, server, &features).await {
        Err(NoSpec::Failure(it)) if later.contains(&it.class.as_str()) => Ok(()),
        found => found.map(drop),
    }
}

fn may_have_one(server: &Server) -> bool {
    server.platform.parse::<Platform>().is_ok_and(|it| it.driver() == Driver::Openstack)
}

async fn of(tx: &mut Tx, server: &Server) -> Result<Option<Asset>, DbError> {
    assets::find_of_farm(tx, server.farm_id, KIND, &server.credential_id, &server.location_id).await
}

/// Writes down that there is to be one, unless somebody did. Servers that wait for it are looked at when it is there.
pub async fn order(app: &App, server: &Server) -> anyhow::Result<()> {
    let mut tx = app.db.write().await?;
    if of(&mut tx, server).await?.is_some() {
        return Ok(());
    }
    let id = Uuid::now_v7().to_string();
    let new = NewAsset {
        description: Description::Keypair { name: format!("stackyard-{id}"), public_key: None },
        id,
        environment_id: server.environment_id,
        platform: server.platform.clone(),
        location_id: server.location_id.clone(),
        credential_id: server.credential_id.clone(),
        farm_id: Some(server.farm_id),
        created_by_id: server.launched_by_id,
        created_by_email: server.launched_by_email.clone(),
    };
    match assets::insert(&mut tx, &new, Time::now()).await {
        // Another control plane was faster.
        Err(DbError::Duplicate { .. }) => return Ok(()),
        inserted => inserted?,
    };
    tx.commit().await?;
    app.wake.wake();
    Ok(())
}

/// The cloud says of a launch that there is no such keypair. True when it is ours, which is made again, with the key it
/// had.
pub async fn make_again(app: &App, server: &Server, key_name: &str) -> anyhow::Result<bool> {
    let mut tx = app.db.write().await?;
    let now = Time::now();
    let ours = of(&mut tx, server).await?.filter(|it| it.name == key_name);
    let Some(ours) = ours.filter(|it| it.seen.status_since + ONCE_IN <= now) else { return Ok(false) };
    assets::make_again(&mut tx, &ours.id, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Gives the row of one its key, of which the private half is sealed, before the cloud hears of it.
pub async fn generate(app: &App, asset: &mut Asset) -> anyhow::Result<()> {
    let name = asset.name.clone();
    let made = spawn_blocking(move || keypair::generate(&name)).await??;
    let description = Description::Keypair { name: asset.name.clone(), public_key: Some(made.public) };
    let mut tx = app.db.write().await?;
    let is_ours = assets::fill_in(&mut tx, &asset.id, &app.id, &description).await?;
    anyhow::ensure!(is_ours, "another control plane works on it");
    app.secrets.put(&mut tx, &private_key_place(&asset.id), &made.private).await?;
    tx.commit().await?;
    asset.description = Json(description);
    Ok(())
}
