//! What is found in the clouds of an environment; all of these nouns are alike. Folders, resource pools and
//! security groups have verbs more.

use clap::{Args, Subcommand};

use crate::{
    app::App,
    client::Call,
    failure::Outcome,
    location::LocationArgs,
    object::{self, Ids, ListArgs, Noun},
    output::column::Column,
};

#[derive(Debug, Clone, Copy, Args)]
pub struct AgeArgs {
    /// Read the cloud if what is known is older; 0: in any case
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,
}

impl AgeArgs {
    pub fn with(self, call: Call) -> Call {
        match self.max_age {
            Some(seconds) => call.query("maxAge", seconds),
            None => call,
        }
    }
}

#[derive(Debug, Args)]
pub struct ListVerb {
    #[command(flatten)]
    at: LocationArgs,
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    age: AgeArgs,
}

#[derive(Debug, Args)]
pub struct ShowVerb {
    /// By id or unique name
    id: String,
    #[command(flatten)]
    at: LocationArgs,
}

pub const PLAIN: &[Column] =
    &[Column::text("ID", "/id"), Column::text("NAME", "/name"), Column::text("STATUS", "/status")];
pub const PLACED: &[Column] = &[
    Column::text("ID", "/id"),
    Column::text("NAME", "/name"),
    Column::text("STATUS", "/status"),
    Column::text("IN", "/parent"),
];
const STORING: &[Column] = &[
    Column::text("ID", "/id"),
    Column::text("NAME", "/name"),
    Column::text("STATUS", "/status"),
    Column::bytes("CAPACITY", "/capacityBytes"),
    Column::bytes("FREE", "/freeBytes"),
    Column::text("IN", "/parent"),
];

/// A noun with its two verbs, from one line. Before the columns, a cloud that has it.
macro_rules! nouns {
    ($($variant:ident $verbs:ident $name:literal $path:literal $what:literal $cloud:literal $columns:ident,)+) => {
        #[derive(Debug, Subcommand)]
        pub enum Command {
            $(
                #[command(subcommand, name = $name, about = concat!("See ", $what, " of a location"))]
                $variant($verbs),
            )+
        }

        $(
            #[derive(Debug, Subcommand)]
            pub enum $verbs {
                #[command(about = concat!("List ", $what), after_long_help = concat!(
                    "Examples:\n  stackyard ", $name, " list --cloud ", $cloud, "\n  stackyard ", $name,
                    " list --max-age 0 -o json",
                ))]
                List(ListVerb),
                #[command(
                    about = concat!("Show one of the ", $what),
                    after_long_help = concat!("Examples:\n  stackyard ", $name, " show NAME -o yaml"),
                )]
                Show(ShowVerb),
            }
        )+

        pub async fn run(app: &App, command: Command) -> Outcome {
            match command {
                $(
                    Command::$variant($verbs::List(verb)) => list(app, $path, $columns, verb).await,
                    Command::$variant($verbs::Show(verb)) => show(app, $path, $columns, verb).await,
                )+
            }
        }
    };
}

nouns! {
    CloudImages ImageVerbs "cloud-images" "cloud-images" "images and templates" "openstack" STORING,
    Networks NetworkVerbs "networks" "networks" "networks and port groups" "openstack" PLACED,
    Keypairs KeypairVerbs "keypairs" "keypairs" "keypairs" "openstack" PLAIN,
    AvailabilityZones ZoneVerbs "availability-zones" "availability-zones" "availability zones" "openstack" PLAIN,
    VolumeTypes VolumeTypeVerbs "volume-types" "volume-types" "volume types" "openstack" PLAIN,
    ServerGroups ServerGroupVerbs "server-groups" "server-groups" "server groups" "openstack" PLAIN,
    ObjectContainers ContainerVerbs "object-containers" "object-containers" "object containers" "openstack" STORING,
    Clusters ClusterVerbs "clusters" "clusters" "clusters" "vmware" PLACED,
    Hosts HostVerbs "hosts" "hosts" "hosts" "vmware" PLACED,
    Datastores DatastoreVerbs "datastores" "datastores" "datastores" "vmware" STORING,
    StoragePods PodVerbs "storage-pods" "storage-pods" "storage pods" "vmware" STORING,
    CustomizationSpecs SpecVerbs "customization-specs" "customization-specs" "customization specifications" "vmware" PLAIN,
}

pub fn noun(columns: &'static [Column]) -> Noun {
    Noun { what: "such thing here named", id: "/id", name: "name", ids: Ids::Any, columns }
}

pub async fn list(app: &App, path: &str, columns: &'static [Column], verb: ListVerb) -> Outcome {
    let path = format!("{}{path}/", verb.at.path(app).await?);
    object::list(app, &noun(columns), verb.age.with(Call::get(path)), &verb.list).await
}

pub async fn show(app: &App, path: &str, columns: &'static [Column], verb: ShowVerb) -> Outcome {
    let path = format!("{}{path}/", verb.at.path(app).await?);
    object::show(app, &noun(columns), &path, &verb.id).await
}

/// The id of a host, a datastore and so on of a location that is given by id or unique name.
pub async fn placed_id(app: &App, location: &str, noun_path: &str, given: &str) -> Outcome<String> {
    let found = object::get(app, &noun(PLACED), &format!("{location}{noun_path}/"), given).await?;
    Ok(found.pointer("/id").map(crate::output::column::text).unwrap_or_default())
}
