use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    app::{App, Level, ScopeArgs},
    client::Call,
    failure::Outcome,
    location::LocationArgs,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

pub const NOUN: Noun = Noun {
    what: "image",
    id: "/id",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("CLOUD", "/cloudPlatform"),
        Column::text("LOCATION", "/cloudLocation"),
        Column::text("OS", "/os/id"),
        Column::text("SCOPE", "/scope"),
        Column::text("DEPRECATED", "/deprecated"),
    ],
};
const CLOUD_IMAGE: Noun =
    Noun { what: "image or template in the cloud named", id: "/id", name: "name", ids: Ids::Any, columns: &[] };
const ROLE: Noun = Noun {
    what: "role",
    id: "/id",
    name: "name",
    ids: Ids::Number,
    columns: &[
        Column::text("ROLE", "/id"),
        Column::text("SCOPE", "/scope"),
        Column::text("ACCOUNT", "/accountId"),
        Column::text("ENVIRONMENT", "/envId"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the registered images that are available here
    #[command(after_long_help = "What is in the clouds: stackyard cloud-images list.

Examples:
  stackyard images list
  stackyard images list --filter cloudPlatform=openstack --filter os=debian-12")]
    List {
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Show an image
    #[command(after_long_help = "Examples:\n  stackyard images show debian-12 -o yaml")]
    Show {
        image: String,
        #[command(flatten)]
        at: ScopeArgs,
    },
    /// Register an image or template of a cloud, to launch from it
    #[command(after_long_help = "\
In an environment the image must be there, and its name and size are the cloud's where they are not given. An account and
the Scalr scope have no clouds to ask: there --name, --cloud, --location and the image's id in the cloud are taken as they
are.

Examples:
  stackyard images register debian-12-genericcloud --os debian-12 --cloud-init
  stackyard images register vm-42 --os windows-2022 --cloud vmware --location dc1 --name \"Windows 2022\"")]
    Register(Box<Register>),
    /// Rename an image, or mark it as deprecated
    #[command(after_long_help = "Examples:\n  stackyard images update debian-11 --deprecated true")]
    Update {
        image: String,
        #[arg(long)]
        name: Option<String>,
        /// true or false
        #[arg(long)]
        deprecated: Option<bool>,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Forget an image that no role uses; its cloud keeps it unless told
    #[command(
        after_long_help = "With --from-cloud the image, or the template with its disks, is gone for good. Servers that were made \
                           from it stay. Only in an environment, and only where nobody else has registered it.

Examples:
  stackyard images delete debian-11
  stackyard images delete debian-11 --from-cloud"
    )]
    Delete {
        image: String,
        /// Delete it in its cloud too
        #[arg(long)]
        from_cloud: bool,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Put another image in its place in every role of this scope
    #[command(after_long_help = "Examples:\n  stackyard images replace debian-12-old debian-12-new --deprecate-old")]
    Replace {
        image: String,
        /// In the same location, with the same operating system; by id or name
        new_image: String,
        /// Mark the old image as deprecated
        #[arg(long)]
        deprecate_old: bool,
        #[command(flatten)]
        at: ScopeArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

#[derive(Debug, Args)]
pub struct Register {
    /// In an environment by id or unique name, as stackyard cloud-images list shows it; else by id
    cloud_image: String,
    /// What it has installed, such as debian-12; stackyard os list shows all
    #[arg(long)]
    os: String,
    /// Instead of the cloud's name
    #[arg(long)]
    name: Option<String>,
    /// x86_64, i386 or aarch64
    #[arg(long, default_value = "x86_64")]
    architecture: String,
    /// GiB, instead of what the cloud says
    #[arg(long, value_name = "GIB")]
    size: Option<i64>,
    /// It has cloud-init
    #[arg(long)]
    cloud_init: bool,
    #[command(flatten)]
    place: LocationArgs,
    #[command(flatten)]
    at: ScopeArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = async |at: ScopeArgs| Outcome::Ok(format!("{}/images/", app.at(at.scope).await?));
    match command {
        Command::List { list, at } => object::list(app, &NOUN, Call::get(all(at).await?), &list).await,
        Command::Show { image, at } => object::show(app, &NOUN, &all(at).await?, &image).await,
        Command::Register(register) => {
            let all = all(register.at).await?;
            self::register(app, all, *register).await
        }
        Command::Update { image, name, deprecated, at, change } => {
            let path = object::path(app, &NOUN, &all(at).await?, &image).await?;
            let call =
                Call::patch(path).with([("name", name.map(Into::into)), ("deprecated", deprecated.map(Into::into))]);
            object::save(app, change, &NOUN, &call).await
        }
        Command::Delete { image, from_cloud, at, change } => {
            let path = object::path(app, &NOUN, &all(at).await?, &image).await?;
            let (call, place) = match from_cloud {
                true => (Call::delete(path).query("deleteFromCloud", true), ", in its cloud too"),
                false => (Call::delete(path), ""),
            };
            object::done(app, change, &call, &format!("deleted image {image}{place}")).await
        }
        Command::Replace { image, new_image, deprecate_old, at, change } => {
            let all = all(at).await?;
            let path = format!("{}actions/replace/", object::path(app, &NOUN, &all, &image).await?);
            let new = object::get(app, &NOUN, &all, &new_image).await?;
            let call = Call::post(path).with([
                ("newImage", Some(json!({ "id": new["id"] }))),
                ("deprecateOldImage", deprecate_old.then_some(Value::Bool(true))),
            ]);
            match object::change(app, change, &call).await? {
                Some(roles) => {
                    let rows = roles.as_array().cloned().unwrap_or_default();
                    crate::output::print_list(app.form, ROLE.columns, ROLE.id, &rows)
                }
                None => Ok(()),
            }
        }
    }
}

async fn register(app: &App, all: String, it: Register) -> Outcome {
    let (platform, location, id) = if it.at.scope == Level::Environment {
        let (platform, location) = it.place.ids(app).await?;
        let path = format!("{}cloud-images/", it.place.path(app).await?);
        let found = object::get(app, &CLOUD_IMAGE, &path, &it.cloud_image).await?;
        (platform, location, found["id"].clone())
    } else {
        let (platform, location) = it.place.given()?;
        (platform, location, it.cloud_image.into())
    };
    let call = Call::post(all).with([
        ("name", it.name.map(Into::into)),
        ("cloudPlatform", Some(platform.into())),
        ("cloudLocation", Some(location.into())),
        ("cloudImageId", Some(id)),
        ("architecture", Some(it.architecture.into())),
        ("os", Some(json!({ "id": it.os }))),
        ("size", it.size.map(Into::into)),
        ("cloudInitInstalled", it.cloud_init.then_some(Value::Bool(true))),
    ]);
    object::save(app, it.change, &NOUN, &call).await
}
