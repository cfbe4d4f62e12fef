use clap::Subcommand;

use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    inventory,
    location::LocationArgs,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::column::Column,
};

const NOUN: Noun = Noun {
    what: "file",
    id: "/id",
    name: "id",
    ids: Ids::Any,
    columns: &[
        Column::text("PATH", "/id"),
        Column::text("KIND", "/kind"),
        Column::bytes("SIZE", "/sizeBytes"),
        Column::age("MODIFIED", "/modified"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List one folder of a datastore
    #[command(after_long_help = "\
Examples:
  stackyard datastore-files list nfs-1
  stackyard datastore-files list nfs-1 web-1 --location DC0
  stackyard datastore-files list nfs-1 iso --filter kind=iso --all -o json")]
    List {
        /// Datastore, by id or unique name
        datastore: String,
        /// The folder; without, the top of the datastore
        folder: Option<String>,
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Delete one file that no machine uses, for good
    #[command(after_long_help = "\
Of a disk, its parts go with it. Folders are not deleted, nor what belongs to a machine or is put into its drive, as far as
the vCenter's user sees the machines.

Examples:
  stackyard datastore-files delete nfs-1 iso/debian-11.iso
  stackyard datastore-files delete nfs-1 old/disk1.vmdk --location DC0 --dry-run")]
    Delete {
        /// Datastore, by id or unique name
        datastore: String,
        /// Path of the file, as datastore-files list prints it
        path: String,
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let all = async |at: LocationArgs, datastore: &str| {
        let location = at.or_on("vmware").path(app).await?;
        let id = inventory::placed_id(app, &location, "datastores", datastore).await?;
        Outcome::Ok(format!("{location}datastores/{}/files/", encode(&id)))
    };
    match command {
        Command::List { datastore, folder, at, list } => {
            let call = Call::get(all(at, &datastore).await?);
            let call = folder.into_iter().fold(call, |call, it| call.query("folder", it));
            object::list(app, &NOUN, call, &list).await
        }
        Command::Delete { datastore, path, at, change } => {
            let call = Call::delete(format!("{}{}/", all(at, &datastore).await?, encode(&path)));
            object::done(app, change, &call, &format!("deleted {path} of {datastore}")).await
        }
    }
}
