use std::time::Duration;

use clap::Subcommand;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    app::App,
    client::{Call, encode},
    credentials,
    failure::{Failure, Outcome},
    location::cloud,
    object::{self, ChangeArgs, Ids, ListArgs, Noun},
    output::{column::Column, note},
};

const NOUN: Noun = Noun {
    what: "cloud",
    id: "/cloud",
    name: "cloud",
    ids: Ids::Any,
    columns: &[
        Column::text("CLOUD", "/cloud"),
        Column::text("CREDENTIALS", "/credentials/id"),
        Column::text("NAME", "/credentialsName"),
        Column::text("STATUS", "/status"),
        Column::age("SUSPENDED", "/suspendedSince"),
        Column::text("REASON", "/reason"),
        Column::age("LINKED", "/linkedAt"),
    ],
};
const LOCATION: Noun = Noun {
    what: "location",
    id: "/cloudLocation",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("LOCATION", "/cloudLocation"),
        Column::text("NAME", "/name"),
        Column::text("VCENTER", "/vcenter"),
    ],
};
const SYNC: Noun = Noun {
    what: "sync",
    id: "/id",
    name: "id",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("STATUS", "/status"),
        Column::text("TRIGGER", "/trigger"),
        Column::text("BY", "/requestedBy"),
        Column::age("STARTED", "/startedAt"),
        Column::age("ENDED", "/endedAt"),
        Column::text("CHANGES", "/nChanges"),
        Column::text("ERROR", "/error"),
    ],
};
/// How often a sync that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the clouds of the environment
    #[command(after_long_help = "Examples:\n  stackyard clouds list --environment Default")]
    List,
    /// Link credentials to the environment, or replace those that are
    #[command(after_long_help = "\
The clouds' locations, instance types and inventory are read at once; --wait waits for that.

Examples:
  stackyard clouds link openstack lab --wait
  stackyard clouds link vmware 0123456789ab --environment Staging")]
    Link {
        /// openstack, vmware or another platform the credentials are for
        platform: String,
        /// By id or name
        credentials: String,
        /// Wait until the cloud was read
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Detach a cloud from the environment
    #[command(after_long_help = "Examples:\n  stackyard clouds unlink openstack")]
    Unlink {
        platform: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// List the regions or datacenters of a cloud
    #[command(after_long_help = "Examples:\n  stackyard clouds locations vmware -o name")]
    Locations { platform: Option<String> },
    /// Read a cloud now
    #[command(after_long_help = "Examples:\n  stackyard clouds sync openstack --wait")]
    Sync {
        platform: Option<String>,
        /// Wait for its end; fails when the sync does
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// List the last synchronisations of a cloud
    #[command(after_long_help = "Examples:\n  stackyard clouds syncs openstack")]
    Syncs {
        platform: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Drop cached instance types and read the cloud anew
    #[command(after_long_help = "Examples:\n  stackyard clouds clear-cache openstack --wait")]
    ClearCache {
        platform: Option<String>,
        /// Wait until the cloud was read
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List => {
            let path = format!("{}/clouds/", app.environment().await?);
            object::list(app, &NOUN, Call::get(path), &ListArgs::default()).await
        }
        Command::Link { platform, credentials, wait, change } => link(app, &platform, &credentials, wait, change).await,
        Command::Unlink { platform, change } => {
            let call = Call::delete(link_path(app, &platform).await?);
            object::done(app, change, &call, &format!("unlinked {platform}")).await
        }
        Command::Locations { platform } => {
            let path = format!("{}cloud-locations/", cloud(app, platform.as_deref()).await?);
            object::list(app, &LOCATION, Call::get(path), &ListArgs { all: true, ..ListArgs::default() }).await
        }
        Command::Sync { platform, wait, change } => {
            let cloud = cloud(app, platform.as_deref()).await?;
            let Some(sync) = object::change(app, change, &Call::post(format!("{cloud}actions/sync/"))).await? else {
                return Ok(());
            };
            finish(app, &cloud, sync, wait).await
        }
        Command::Syncs { platform, list } => {
            let path = format!("{}syncs/", cloud(app, platform.as_deref()).await?);
            object::list(app, &SYNC, Call::get(path), &list).await
        }
        Command::ClearCache { platform, wait, change } => {
            let cloud = cloud(app, platform.as_deref()).await?;
            let call = Call::post(format!("{cloud}actions/clear-cache/"));
            let Some(cleared) = object::change(app, change, &call).await? else { return Ok(()) };
            note(&format!("dropped {} instance types", cleared["nDropped"]));
            let id = cleared["syncId"].as_str().unwrap_or_default();
            let sync = app.client.data(&Call::get(format!("{cloud}syncs/{}/", encode(id)))).await?;
            finish(app, &cloud, sync, wait).await
        }
    }
}

async fn link(app: &App, platform: &str, given: &str, wait: bool, change: ChangeArgs) -> Outcome {
    let path = link_path(app, platform).await?;
    let all = format!("{}/cloud-credentials/", app.account().await?);
    let id = object::id_of(app, &credentials::NOUN, &all, given).await?;
    let Some(linked) = object::change(app, change, &Call::post(path).with([("id", Some(json!(id)))])).await? else {
        return Ok(());
    };
    object::print_saved(app, &credentials::NOUN, &linked)?;
    if !wait {
        return Ok(());
    }
    let cloud = cloud(app, Some(platform)).await?;
    let syncs = app.client.data(&Call::get(format!("{cloud}syncs/"))).await?;
    match syncs.get(0) {
        Some(newest) => await_end(app, &cloud, newest.clone()).await.map(drop),
        None => Ok(()),
    }
}

/// Links are changed at account scope.
async fn link_path(app: &App, platform: &str) -> Outcome<String> {
    let environment = app.environment_id().await?;
    Ok(format!("{}/environments/{environment}/clouds/{}/", app.account().await?, encode(platform)))
}

/// `syncs/` is below `cloud`, a cloud of an environment, or the scope of credentials.
pub async fn finish(app: &App, cloud: &str, sync: Value, wait: bool) -> Outcome {
    let sync = if wait { await_end(app, cloud, sync).await } else { Ok(sync) };
    object::print_saved(app, &SYNC, &sync?)
}

/// Fails when the sync does.
async fn await_end(app: &App, cloud: &str, mut sync: Value) -> Outcome<Value> {
    let id = sync["id"].as_str().unwrap_or_default().to_owned();
    while sync["status"] == "running" {
        sleep(LOOK_EVERY).await;
        sync = app.client.data(&Call::get(format!("{cloud}syncs/{}/", encode(&id)))).await?;
    }
    if sync["status"] == "failed" {
        let reason = sync["error"].as_str().unwrap_or("no reason was given");
        return Err(Failure::Other(anyhow::anyhow!("the cloud was not read completely: {reason}")));
    }
    Ok(sync)
}
