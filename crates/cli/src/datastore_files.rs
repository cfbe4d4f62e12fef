use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Subcommand;
use futures_util::stream;
use reqwest::{Body, Method};
use tokio::{fs::File, io::AsyncReadExt};

use crate::{
    app::App,
    client::{Call, encode},
    failure::{Failure, Outcome},
    inventory,
    location::LocationArgs,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::{column::Column, print, rewrite_line},
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
    /// Upload a file, for example an ISO for the CD drives of servers
    #[command(after_long_help = "\
The folders above it are made. It appears as a whole or not at all: until then its name ends in .part. A file of that name
stays as it is, and nothing is uploaded. Disks and other parts of machines are not taken.

Examples:
  stackyard datastore-files upload nfs-1 debian-13.iso --to iso/
  stackyard datastore-files upload nfs-1 ./drivers.iso --to iso/virtio.iso --location DC0
  stackyard datastore-files upload nfs-1 debian-13.iso --dry-run")]
    Upload {
        /// Datastore, by id or unique name
        datastore: String,
        /// The file on this machine
        file: PathBuf,
        /// Path on the datastore; a folder where it ends with a slash. Without, its name at the top of the datastore
        #[arg(long, value_name = "PATH")]
        to: Option<String>,
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        change: ChangeArgs,
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
        Command::Upload { datastore, file, to, at, change } => {
            let to = target(&file, to.as_deref().unwrap_or_default())?;
            let call = Call::new(Method::PUT, format!("{}{}/", all(at, &datastore).await?, encode(&to)));
            // Also for one who only wants to see what would be asked.
            let opened = Opened::open(&file).await?;
            match change.dry_run {
                true => print(&call.describe(app.client.url())),
                false => upload(app, &call, opened).await,
            }
        }
        Command::Delete { datastore, path, at, change } => {
            let call = Call::delete(format!("{}{}/", all(at, &datastore).await?, encode(&path)));
            object::done(app, change, &call, &format!("deleted {path} of {datastore}")).await
        }
    }
}

/// Bytes read at once.
const PIECE: usize = 256 << 10;

struct Opened {
    file: File,
    n_bytes: u64,
}

impl Opened {
    async fn open(path: &Path) -> Outcome<Self> {
        let refused = |err: std::io::Error| Failure::usage(format!("{} cannot be read: {err}", path.display()));
        let file = File::open(path).await.map_err(refused)?;
        let facts = file.metadata().await.map_err(refused)?;
        match facts.is_file() {
            true => Ok(Opened { file, n_bytes: facts.len() }),
            false => Err(Failure::usage(format!("{} is no file", path.display()))),
        }
    }
}

/// Where a file goes: `to`, or its own name in the folder `to`.
fn target(file: &Path, to: &str) -> Outcome<String> {
    if !to.is_empty() && !to.ends_with('/') {
        return Ok(to.to_owned());
    }
    let name = file.file_name().and_then(|it| it.to_str());
    let name =
        name.ok_or_else(|| Failure::usage(format!("{} has no name to keep; give it with --to", file.display())))?;
    Ok(format!("{to}{name}"))
}

/// With the part that is sent on the terminal.
async fn upload(app: &App, call: &Call, Opened { file, n_bytes }: Opened) -> Outcome {
    let mut told = Instant::now();
    let pieces = stream::unfold(Some((file, 0)), move |state| {
        let n_sent = state.as_ref().map_or(0, |(_, n_sent)| *n_sent);
        if told.elapsed() > Duration::from_millis(500) {
            told = Instant::now();
            rewrite_line(&format!("{} % of {} MiB", n_sent * 100 / n_bytes.max(1), n_bytes >> 20));
        }
        async move {
            let (mut file, n_sent) = state?;
            let mut piece = vec![0; PIECE];
            match file.read(&mut piece).await {
                Ok(0) => None,
                Ok(n_read) => {
                    piece.truncate(n_read);
                    Some((Ok(piece), Some((file, n_sent + n_read as u64))))
                }
                Err(err) => Some((Err(err), None)),
            }
        }
    });
    let made = app.client.upload(call, n_bytes, Body::wrap_stream(pieces)).await;
    rewrite_line("");
    object::print_saved(app, &NOUN, &made?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_file_goes() {
        let check = |file: &str, to: &str, expected: &str| assert_eq!(target(Path::new(file), to).unwrap(), expected);
        check("/tmp/a.iso", "", "a.iso");
        check("a.iso", "iso/", "iso/a.iso");
        check("a.iso", "iso/b.iso", "iso/b.iso");
        assert!(matches!(target(Path::new(".."), "iso/"), Err(Failure::Usage(_))));
    }
}
