//! What a server is to be, from its farm role: decided once, before the cloud is asked for the first time.

use std::collections::BTreeMap;

use api_types::{
    farm_roles::{AdvancedConfiguration, FarmRole as Config, Network, PlacementStrategy, StorageTemplate},
    servers::Failure,
};
use cloud::{
    Driver, LocationId, Platform,
    server::{Choice, Mark, Nic, Placement, RootVolume, ServerSpec},
};
use store::{
    DbError, Tx, accounts, cost_centers, environments, farm_roles, farms, projects, role_images, roles,
    servers::{self, Server},
};
use uuid::Uuid;

use super::{failure::ours, keypairs};
use crate::{config::PlacementConfig, operations};

/// Why there is none.
pub enum NoSpec {
    Failure(Box<Failure>),
    /// The farm's keypair is not there yet.
    Keypair,
    Db(DbError),
}

impl From<DbError> for NoSpec {
    fn from(err: DbError) -> Self {
        NoSpec::Db(err)
    }
}

/// With the id of the registered image.
pub async fn of(tx: &mut Tx, server: &Server, chosen_by: PlacementConfig) -> Result<(ServerSpec, String), NoSpec> {
    let missing = |summary: String, next: &str| NoSpec::Failure(Box::new(ours(summary, next)));
    let farm_role = farm_roles::find(tx, server.farm_role_id).await?;
    let farm_role = farm_role.ok_or_else(|| missing("the farm role is gone".to_owned(), "terminate the server"))?;
    let image = role_images::find(tx, farm_role.role_id, &server.platform, &server.location_id).await?;
    let image = image.ok_or_else(|| {
        let Server { platform, location_id, .. } = server;
        missing(
            format!("the role has no image for {platform} at {location_id}"),
            "register an image there and add it to the role",
        )
    })?;
    let config: Config = serde_json::from_value(farm_role.config.0.clone()).unwrap_or_default();
    let advanced = config.advanced_configuration.unwrap_or_default();
    let variables = variables(tx, server, &farm_role, &image.id).await?;
    let platform = server.platform.parse::<Platform>().map_err(|err| DbError::Other(err.into()))?;
    let size = operations::size(tx, platform.driver(), &server.instance_type_id).await;
    let size = size.map_err(|err| match err {
        DbError::NotFound { .. } => missing("the instance type is gone".to_owned(), "choose another for the farm role"),
        err => NoSpec::Db(err),
    })?;
    let features = config.cloud_features.unwrap_or_default();
    let networks = config.networking.unwrap_or_default().networks;
    let security_groups = config.security.unwrap_or_default().security_groups.into_iter().map(|it| it.id).collect();
    let is_chosen = features.placement_strategy == Some(PlacementStrategy::ScalrAuto);
    let zones = config.availability_zones.unwrap_or_default();
    let key_name = keypairs::name(tx, server, &features).await?;
    let spec = ServerSpec {
        mark: Mark(server.id.parse::<Uuid>().map_err(|err| DbError::Other(err.into()))?),
        location: LocationId(server.location_id.clone()),
        name: name(&advanced, &variables),
        image: image.cloud_image_id,
        size,
        nics: nics(networks, server.position),
        user_data: advanced.user_data.map(|it| interpolate(&it, &variables)),
        metadata: BTreeMap::from([("scalr-meta".to_owned(), meta(tx, server).await?)]),
        placement: match platform.driver() {
            Driver::Vsphere => Placement::Vsphere {
                choice: is_chosen.then(|| Choice {
                    hosts: features.hosts.clone(),
                    weights: chosen_by.weights,
                    buffer_bytes: u64::from(chosen_by.buffer_gib) << 30,
                }),
                folder: features.folder.unwrap_or_default(),
                compute_resource: features.compute_resource,
                resource_pool: features.resource_pool,
                datastore: features.data_store,
                host: features.hosts.into_iter().next().filter(|_| !is_chosen),
                customization_spec: features.customization_spec,
            },
            Driver::Openstack => {
                let others = servers::live_of_farm(tx, server.farm_id).await?;
                Placement::Openstack {
                    security_groups,
                    availability_zone: emptiest(zones, server, &others),
                    config_drive: features.config_drive,
                    server_group: features.server_group,
                    key_name,
                    root_volume: config.storage.unwrap_or_default().pop().map(|it| root_volume(it.template)),
                }
            }
        },
    };
    Ok((spec, image.id))
}

/// The value of the original's custom attribute, in its second form: environment, farm, farm role, server, cost center and
/// project; the last two are empty where there are none.
async fn meta(tx: &mut Tx, server: &Server) -> Result<String, DbError> {
    let Server { id, environment_id, farm_id, farm_role_id, .. } = server;
    let project = farms::get(tx, *farm_id).await?.project_id.unwrap_or_default();
    let cost_center = environments::get(tx, *environment_id).await?.cost_center_id.unwrap_or_default();
    Ok(format!("v2:{environment_id}:{farm_id}:{farm_role_id}:{id}:{cost_center}:{project}"))
}

/// The primary one first.
fn nics(mut networks: Vec<Network>, position: i64) -> Vec<Nic> {
    networks.sort_by_key(|it| !it.primary);
    let fixed_ip =
        |it: &Network| it.static_ip_map.iter().find(|it| it.server_index == position).map(|it| it.ip_address);
    networks.into_iter().map(|it| Nic { fixed_ip: fixed_ip(&it), network: it.id }).collect()
}

/// The zone with the fewest servers of the same farm role; of equals the first.
fn emptiest(zones: Vec<String>, server: &Server, others: &[Server]) -> Option<String> {
    let zone_of = |it: &Server| match it.seen.spec.as_ref().map(|it| &it.placement) {
        Some(Placement::Openstack { availability_zone, .. }) => availability_zone.clone(),
        _ => None,
    };
    let of_role: Vec<_> = others.iter().filter(|it| it.farm_role_id == server.farm_role_id).map(zone_of).collect();
    zones.into_iter().min_by_key(|zone| of_role.iter().filter(|it| it.as_ref() == Some(zone)).count())
}

fn root_volume(StorageTemplate { size, volume_type }: StorageTemplate) -> RootVolume {
    RootVolume { size_gib: size, volume_type }
}

fn name(advanced: &AdvancedConfiguration, variables: &BTreeMap<&'static str, String>) -> String {
    let template = advanced.instance_name.as_deref().filter(|it| !it.is_empty()).unwrap_or("{SCALR_SERVER_ID}");
    interpolate(template, variables)
}

/// The built-in variables that are known before a launch. `BC` is the billing code; what there is none of is empty.
async fn variables(
    tx: &mut Tx,
    server: &Server,
    farm_role: &farm_roles::FarmRole,
    image_id: &str,
) -> Result<BTreeMap<&'static str, String>, DbError> {
    let farm = farms::get(tx, server.farm_id).await?;
    let environment = environments::get(tx, server.environment_id).await?;
    let (role_name, role_os) =
        roles::find(tx, farm_role.role_id).await?.map(|it| (it.name, it.os_id)).unwrap_or_default();
    let account = accounts::get(tx, environment.account_id).await?;
    let project = match &farm.project_id {
        Some(id) => projects::find(tx, id).await?.map(|it| (it.id, it.name, it.billing_code)),
        None => None,
    };
    let (project_id, project_name, project_code) = project.unwrap_or_default();
    let cost_center = match &environment.cost_center_id {
        Some(id) => cost_centers::find(tx, id).await?.map(|it| (it.id, it.name, it.billing_code)),
        None => None,
    };
    let (cost_center_id, cost_center_name, cost_center_code) = cost_center.unwrap_or_default();
    Ok(BTreeMap::from([
        ("SCALR_SERVER_ID", server.id.clone()),
        ("SCALR_INSTANCE_INDEX", server.position.to_string()),
        ("SCALR_FARM_ID", farm.id.to_string()),
        ("SCALR_FARM_NAME", farm.name),
        ("SCALR_FARM_OWNER_EMAIL", farm.owner_email),
        ("SCALR_FARM_ROLE_ID", farm_role.id.to_string()),
        ("SCALR_FARM_ROLE_ALIAS", farm_role.alias.clone()),
        ("SCALR_ROLE_NAME", role_name),
        ("SCALR_ROLE_OS", role_os),
        ("SCALR_ENV_ID", environment.id.to_string()),
        ("SCALR_ENV_NAME", environment.name),
        ("SCALR_ACCOUNT_ID", account.id.to_string()),
        ("SCALR_ACCOUNT_NAME", account.name),
        ("SCALR_PROJECT_ID", project_id),
        ("SCALR_PROJECT_NAME", project_name),
        ("SCALR_PROJECT_BC", project_code),
        ("SCALR_COST_CENTER_ID", cost_center_id),
        ("SCALR_COST_CENTER_NAME", cost_center_name),
        ("SCALR_COST_CENTER_BC", cost_center_code),
        ("SCALR_CLOUD_PLATFORM", server.platform.clone()),
        ("SCALR_CLOUD_LOCATION", server.location_id.clone()),
        ("SCALR_IMAGE_ID", image_id.to_owned()),
        ("SCALR_SERVER_TYPE", server.instance_type_id.clone()),
        ("SCALR_LAUNCHED_BY_ID", server.launched_by_id.to_string()),
        ("SCALR_LAUNCHED_BY_EMAIL", server.launched_by_email.clone()),
    ]))
}

/// Puts values in the place of `{NAME}`. What is no variable stays as it is: user data is full of braces.
fn interpolate(template: &str, variables: &BTreeMap<&'static str, String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text += before;
        let value = after.split_once('}').and_then(|(name, end)| variables.get(name).map(|value| (value, end)));
        match value {
            Some((value, end)) => {
                text += value;
                rest = end;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_and_braces_stay() {
        let variables =
            BTreeMap::from([("SCALR_INSTANCE_INDEX", "3".to_owned()), ("SCALR_FARM_ROLE_ALIAS", "web".to_owned())]);
        let check = |template: &str, expected: &str| assert_eq!(interpolate(template, &variables), expected);
        check("{SCALR_FARM_ROLE_ALIAS}-{SCALR_INSTANCE_INDEX}", "web-3");
        check("plain", "plain");
        check("{UNKNOWN} {{SCALR_INSTANCE_INDEX}} { \"a\": {} }", "{UNKNOWN} {3} { \"a\": {} }");
        check("open {", "open {");
    }

    #[test]
    fn the_primary_network_comes_first() {
        let network =
            |id: &str, primary| Network { id: id.to_owned(), primary, static_ip_map: Vec::new(), cloud_features: None };
        let ids = |it: Vec<Nic>| it.into_iter().map(|it| it.network).collect::<Vec<_>>();
        assert_eq!(ids(nics(vec![network("a", false), network("b", true), network("c", false)], 1)), ["b", "a", "c"]);
        assert_eq!(ids(nics(vec![network("a", false), network("b", false)], 1)), ["a", "b"]);
    }
}
