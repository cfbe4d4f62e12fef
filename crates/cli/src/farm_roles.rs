use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    farms,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::{Column, text},
};

const NOUN: Noun = Noun {
    what: "farm role",
    id: "/id",
    name: "alias",
    ids: Ids::Number,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("ALIAS", "/alias"),
        Column::text("ROLE", "/role/id"),
        Column::text("CLOUD", "/cloudPlatform"),
        Column::text("LOCATION", "/cloudLocation"),
        Column::text("INSTANCE TYPE", "/instanceType/id"),
        Column::text("MIN", "/scaling/minInstances"),
        Column::text("MAX", "/scaling/maxInstances"),
    ],
};
/// Things of a location, by their id or name.
const THING: Noun = Noun { what: "thing of the location", id: "/id", name: "name", ids: Ids::Any, columns: &[] };

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the farm roles of a farm
    #[command(after_long_help = "Examples:\n  stackyard farm-roles list shop")]
    List {
        farm: String,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show a farm role by its id
    #[command(after_long_help = "Examples:\n  stackyard farm-roles show 7 -o yaml")]
    Show { farm_role: i64 },
    /// Add a role on a cloud to a farm; a running farm launches its servers
    #[command(
        after_long_help = "Networks, security groups, instance types, folders and so on are given by id or by name.

Examples:
  stackyard farm-roles add shop --alias web --role 3 --cloud openstack --location RegionOne --instance-type m1.small --network private
  stackyard farm-roles add shop --alias db --role 3 --cloud vmware --location datacenter-2@UUID --instance-type small --folder vm --compute-resource DC0_C0 --network \"VM Network\""
    )]
    Add(Box<AddArgs>),
    /// Change how many servers a farm role has, what new ones are, and which port is waited for
    #[command(
        after_long_help = "Examples:\n  stackyard farm-roles update 7 --min 2 --max 4\n  stackyard farm-roles update 7 --wait-for-port 22"
    )]
    Update {
        farm_role: i64,
        /// How many servers at least
        #[arg(long)]
        min: Option<i64>,
        /// How many servers at most
        #[arg(long)]
        max: Option<i64>,
        /// Of servers that are launched from now on; by id
        #[arg(long, value_name = "ID")]
        instance_type: Option<String>,
        /// Servers that begin to run, or are resumed, run only when this TCP port takes a connection; 0: when they are on
        #[arg(long, value_name = "PORT")]
        wait_for_port: Option<u16>,
        /// OpenStack: servers that are launched from now on boot from a volume of so many GiB; 0: from the flavor's disk
        #[arg(long, value_name = "GIB")]
        root_volume_size: Option<u32>,
        /// OpenStack: the type of that volume, by id or name; without it the one it had, empty: the cloud's default
        #[arg(long, value_name = "TYPE", requires = "root_volume_size")]
        root_volume_type: Option<String>,
        /// OpenStack: whether servers that are launched from now on have user data and metadata on a disk too
        #[arg(long, value_name = "BOOLEAN")]
        config_drive: Option<bool>,
        /// OpenStack: the server group of servers that are launched from now on, by id or name; empty: none
        #[arg(long, value_name = "GROUP")]
        server_group: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Remove a farm role and terminate its servers
    #[command(after_long_help = "Examples:\n  stackyard farm-roles remove 7")]
    Remove {
        farm_role: i64,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

#[derive(Debug, Args)]
pub struct AddArgs {
    farm: String,
    /// Unique within the farm
    #[arg(long)]
    alias: String,
    /// By id
    #[arg(long, value_name = "ID")]
    role: i64,
    /// The cloud platform
    #[arg(long, value_name = "PLATFORM")]
    cloud: String,
    /// A region or datacenter, by id
    #[arg(long)]
    location: String,
    /// A flavor, or a vSphere size
    #[arg(long)]
    instance_type: String,
    /// May be repeated; the first is the primary one
    #[arg(long)]
    network: Vec<String>,
    /// OpenStack: an external network, of which each server gets a floating IP when it first runs
    #[arg(long, value_name = "NETWORK", requires = "network")]
    floating_ip_pool: Option<String>,
    /// OpenStack; may be repeated
    #[arg(long)]
    security_group: Vec<String>,
    /// OpenStack; of several the emptiest is used
    #[arg(long, value_name = "ZONE")]
    availability_zone: Vec<String>,
    /// OpenStack: boot from a volume of so many GiB, which goes with its server; without it from the flavor's disk
    #[arg(long, value_name = "GIB")]
    root_volume_size: Option<u32>,
    /// OpenStack: the type of that volume, by id or name; stackyard volume-types list shows them
    #[arg(long, value_name = "TYPE", requires = "root_volume_size")]
    root_volume_type: Option<String>,
    /// OpenStack: user data and metadata on a disk too, for guests that do not reach the metadata service
    #[arg(long)]
    config_drive: bool,
    /// OpenStack: a server group, by id or name, for servers together on a host or apart
    #[arg(long, value_name = "GROUP")]
    server_group: Option<String>,
    /// vSphere: where the machines are put
    #[arg(long)]
    folder: Option<String>,
    /// vSphere: a cluster or a host alone
    #[arg(long, value_name = "CLUSTER")]
    compute_resource: Option<String>,
    /// vSphere: with scalr-auto, host and datastore of each server are chosen by what is free, among those given
    #[arg(long, value_name = "STRATEGY", value_parser = ["manual", "scalr-auto"], requires = "folder")]
    placement_strategy: Option<String>,
    /// vSphere; may be repeated with --placement-strategy scalr-auto
    #[arg(long, requires = "folder")]
    host: Vec<String>,
    /// vSphere; without it the root pool of the compute resource
    #[arg(long, value_name = "POOL")]
    resource_pool: Option<String>,
    /// vSphere; without it the template's
    #[arg(long)]
    datastore: Option<String>,
    /// vSphere: the name of a customization specification
    #[arg(long, value_name = "NAME")]
    customization_spec: Option<String>,
    /// How many servers at least
    #[arg(long)]
    min: Option<i64>,
    /// How many servers at most
    #[arg(long)]
    max: Option<i64>,
    /// Smaller ones begin earlier where the farm's order is sequential
    #[arg(long, value_name = "N")]
    launch_index: Option<i64>,
    /// A server runs only when this TCP port takes a connection at its connection address
    #[arg(long, value_name = "PORT")]
    wait_for_port: Option<u16>,
    /// The name in the cloud, such as {SCALR_FARM_ROLE_ALIAS}-{SCALR_INSTANCE_INDEX}
    #[arg(long, value_name = "TEMPLATE")]
    instance_name: Option<String>,
    /// For cloud-init
    #[arg(long, value_name = "FILE")]
    user_data_file: Option<PathBuf>,
    #[command(flatten)]
    change: ChangeArgs,
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let environment = app.environment().await?;
    let one = |id: i64| format!("{environment}/farm-roles/{id}/");
    match command {
        Command::List { farm, args } => {
            let path = object::path(app, &farms::NOUN, &format!("{environment}/farms/"), &farm).await?;
            object::list(app, &NOUN, Call::get(format!("{path}farm-roles/")), &args).await
        }
        Command::Show { farm_role } => {
            let all = format!("{environment}/farm-roles/");
            object::show(app, &NOUN, &all, &farm_role.to_string()).await
        }
        Command::Add(args) => add(app, &environment, *args).await,
        Command::Update {
            farm_role,
            min,
            max,
            instance_type,
            wait_for_port,
            root_volume_size,
            root_volume_type,
            config_drive,
            server_group,
            change,
        } => {
            // What is not given stays.
            let now = app.client.data(&Call::get(one(farm_role))).await?;
            let of = |key: &str| now["scaling"][key].as_i64();
            let scaling = (min.is_some() || max.is_some())
                .then(|| scaling(min.or(of("minInstances")), max.or(of("maxInstances"))));
            let type_now = now["storage"][0]["template"]["type"].as_str().map(str::to_owned);
            let storage = root_volume_size.map(|size| match size {
                0 => Value::Null,
                size => storage(size, root_volume_type.or(type_now).filter(|it| !it.is_empty())),
            });
            let instance_type = instance_type.map(|it| json!({ "id": it }));
            let port = wait_for_port.map(|it| if it == 0 { Value::Null } else { json!(it) });
            let features = (config_drive.is_some() || server_group.is_some()).then(|| {
                let mut features = now["cloudFeatures"].clone();
                features["type"] = "OpenstackCloudFeatures".into();
                if let Some(it) = config_drive {
                    features["configDrive"] = it.into();
                }
                if let Some(it) = server_group {
                    features["serverGroup"] = if it.is_empty() { Value::Null } else { it.into() };
                }
                features
            });
            let fields = [
                ("scaling", scaling),
                ("instanceType", instance_type),
                ("waitForPort", port),
                ("storage", storage),
                ("cloudFeatures", features),
            ];
            let call = Call::patch(one(farm_role)).with(fields);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Remove { farm_role, change } => {
            object::done(app, change, &Call::delete(one(farm_role)), &format!("removed farm role {farm_role}")).await
        }
    }
}

async fn add(app: &App, environment: &str, args: AddArgs) -> Outcome {
    let farm = object::path(app, &farms::NOUN, &format!("{environment}/farms/"), &args.farm).await?;
    let at = format!("{environment}/clouds/{}/cloud-locations/{}", encode(&args.cloud), encode(&args.location));
    let id = async |noun: &str, given: &str| {
        let thing = object::get(app, &THING, &format!("{at}/{noun}/"), given).await?;
        Outcome::Ok(thing.pointer("/id").map(text).unwrap_or_default())
    };
    let optional = async |noun: &str, given: &Option<String>| match given {
        Some(given) => Outcome::Ok(Some(json!(id(noun, given).await?))),
        None => Ok(None),
    };
    let types = format!("{at}/instance-types/");
    let found = object::id_of(app, &Noun { what: "instance type", ..THING }, &types, &args.instance_type).await;
    let instance_type = found.unwrap_or_else(|_| args.instance_type.clone());
    let mut networks = Vec::new();
    for network in &args.network {
        networks.push(json!({ "id": id("networks", network).await? }));
    }
    if let (Some(pool), Some(primary)) = (&args.floating_ip_pool, networks.first_mut()) {
        let pool = json!({ "id": id("networks", pool).await? });
        primary["cloudFeatures"] = json!({ "type": "OpenstackNetworkCloudFeatures", "floatingIpPool": pool });
    }
    let mut groups = Vec::new();
    for group in &args.security_group {
        groups.push(json!({ "id": id("security-groups", group).await? }));
    }
    let mut hosts = Vec::new();
    for host in &args.host {
        hosts.push(id("hosts", host).await?);
    }
    let features = match &args.folder {
        Some(folder) => {
            let mut features = json!({ "type": "VmwareCloudFeatures", "folder": id("folders", folder).await? });
            for (key, value) in [
                ("computeResource", optional("clusters", &args.compute_resource).await?),
                ("resourcePool", optional("resource-pools", &args.resource_pool).await?),
                ("dataStore", optional("datastores", &args.datastore).await?),
                ("placementStrategy", args.placement_strategy.clone().map(Value::from)),
                ("hosts", (!hosts.is_empty()).then(|| Value::from(hosts))),
                ("customizationSpec", args.customization_spec.clone().map(Value::from)),
            ] {
                if let Some(value) = value {
                    features[key] = value;
                }
            }
            Some(features)
        }
        None => (args.config_drive || args.server_group.is_some()).then(|| {
            let mut features = json!({ "type": "OpenstackCloudFeatures", "configDrive": args.config_drive });
            if let Some(group) = &args.server_group {
                features["serverGroup"] = group.as_str().into();
            }
            features
        }),
    };
    let user_data = args.user_data_file.as_ref().map(std::fs::read_to_string).transpose();
    let user_data = user_data.context("cannot read the user data")?;
    let advanced = (args.instance_name.is_some() || user_data.is_some())
        .then(|| json!({ "instanceName": args.instance_name, "userData": user_data }));
    let call = Call::post(format!("{farm}farm-roles/")).with([
        ("alias", Some(json!(args.alias))),
        ("role", Some(json!({ "id": args.role }))),
        ("cloudPlatform", Some(json!(args.cloud))),
        ("cloudLocation", Some(json!(args.location))),
        ("instanceType", Some(json!({ "id": instance_type }))),
        ("launchIndex", args.launch_index.map(Value::from)),
        ("scaling", (args.min.is_some() || args.max.is_some()).then(|| scaling(args.min, args.max))),
        ("networking", (!networks.is_empty()).then(|| json!({ "networks": networks }))),
        ("security", (!groups.is_empty()).then(|| json!({ "securityGroups": groups }))),
        ("availabilityZones", (!args.availability_zone.is_empty()).then(|| json!(args.availability_zone))),
        ("storage", args.root_volume_size.map(|size| storage(size, args.root_volume_type))),
        ("cloudFeatures", features),
        ("advancedConfiguration", advanced),
        ("waitForPort", args.wait_for_port.map(Value::from)),
    ]);
    object::save(app, args.change, &NOUN, &call).await
}

/// A root volume.
fn storage(size_gib: u32, volume_type: Option<String>) -> Value {
    let mut template = json!({ "size": size_gib });
    if let Some(volume_type) = volume_type {
        template["type"] = volume_type.into();
    }
    json!([{ "type": "RootStorageConfiguration", "template": template }])
}

fn scaling(min: Option<i64>, max: Option<i64>) -> Value {
    json!({ "enabled": true, "minInstances": min, "maxInstances": max })
}
