use clap::Subcommand;

use crate::{
    app::App,
    client::Call,
    failure::Outcome,
    inventory::AgeArgs,
    location::LocationArgs,
    object::{self, Ids, ListArgs, Noun},
    output::column::Column,
};

const NOUN: Noun = Noun {
    what: "instance type",
    id: "/id",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("VCPUS", "/vcpus"),
        Column::text("MEMORY (GiB)", "/memory"),
        Column::text("DISK (GiB)", "/storage"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the instance types of a location
    #[command(after_long_help = "\
OpenStack flavors are read from the cloud once a day; --max-age 0 reads them now.

Examples:
  stackyard instance-types list --cloud openstack --location RegionOne --sort memory
  stackyard instance-types list --max-age 0")]
    List {
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        age: AgeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let Command::List { at, list, age } = command;
    let path = format!("{}instance-types/", at.path(app).await?);
    object::list(app, &NOUN, age.with(Call::get(path)), &list).await
}
