//! What the commands of volumes, private networks, security groups and floating IPs have in common.

use clap::Args;
use serde_json::Value;

use crate::{
    app::App,
    client::{Call, encode},
    failure::{Failure, Outcome},
    object::{self, ChangeArgs, Noun},
    output::column::text,
    servers::follow,
};

#[derive(Debug, Clone, Copy, Default, Args)]
pub struct SaveArgs {
    /// Wait until the cloud has done it, with a line for each step
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

/// Those of one kind in an environment.
pub struct Assets {
    pub noun: &'static Noun,
    /// The path of their list.
    pub all: String,
}

impl Assets {
    /// One by id, or by the name that it alone has among those that are not deleted.
    pub async fn find(&self, app: &App, given: &str) -> Outcome<Option<Value>> {
        if self.noun.ids.match_(given) {
            return match app.client.data(&Call::get(self.path_of(given))).await {
                Err(err) if err.is_not_found() => Ok(None),
                found => Ok(Some(found?)),
            };
        }
        let rows = app.client.data(&Call::get(self.all.as_str()).query(self.noun.name, given)).await?;
        let rows = rows.as_array().cloned().unwrap_or_default();
        Ok(rows.into_iter().find(|it| it["status"] != "deleted"))
    }

    pub async fn get(&self, app: &App, given: &str) -> Outcome<Value> {
        let found = self.find(app, given).await?;
        found.ok_or_else(|| Failure::NotFound(format!("there is no {} {given:?}", self.noun.what)))
    }

    /// The id in the cloud, which stands at `pointer`, of one that is given by its id or name; or by the cloud's id, since it
    /// need not be ours. `command` lists those that are.
    pub async fn in_cloud(&self, app: &App, given: &str, pointer: &str, command: &str) -> Outcome<String> {
        let what = self.noun.what;
        match self.find(app, given).await? {
            Some(found) => found.pointer(pointer).filter(|it| it.is_string()).map(text).ok_or_else(|| {
                let status = found.pointer("/status").map(text).unwrap_or_default();
                Failure::Other(anyhow::anyhow!("{what} {given} is {status}: it is not in its cloud"))
            }),
            None if self.noun.ids.match_(given) => Ok(given.to_owned()),
            None => Err(Failure::NotFound(format!(
                "there is no {what} {given:?}; stackyard {command} list shows them, and one that was not made here is given \
                 by its id in the cloud"
            ))),
        }
    }

    pub async fn path(&self, app: &App, given: &str) -> Outcome<String> {
        Ok(self.path_of(&self.id(&self.get(app, given).await?)))
    }

    /// Sends a change, and waits for its end when told to: until it has this status.
    pub async fn save(&self, app: &App, call: &Call, status: &'static str, args: SaveArgs) -> Outcome {
        let Some(mut asset) = object::change(app, args.change, call).await? else { return Ok(()) };
        if args.wait {
            let one = self.path_of(&self.id(&asset));
            follow(app, &one, status).await?;
            asset = app.client.data(&Call::get(one)).await?;
        }
        object::print_saved(app, self.noun, &asset)
    }

    fn id(&self, asset: &Value) -> String {
        asset.pointer(self.noun.id).map(text).unwrap_or_default()
    }

    fn path_of(&self, id: &str) -> String {
        format!("{}{}/", self.all, encode(id))
    }
}
