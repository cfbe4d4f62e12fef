//! Folders and resource pools of a vCenter, made and removed at once.

use api_types::{TextRef, folders::NewFolder, inventory::Resource};
use axum::extract::State;
use cloud::inventory::Noun;
use http::StatusCode;
use serde_json::json;
use store::resources;

use super::{
    body::{Body, text},
    caller::Caller,
    cloud_change::{Asked, carry_out},
    clouds,
    error::{ApiError, ApiResult},
    extract::Path,
    inventory::{At, LocationPath, ThingPath, at, of, to_change, view},
    reply::Reply,
    route::{Access::Needs, Routes, delete, post},
};
use crate::{
    app::App,
    permission::Permission as P,
    sync::{self, Kind},
};

/// Of a vCenter.
const LONGEST_NAME: usize = 80;

pub fn routes(routes: &mut Routes) {
    macro_rules! below {
        ($rest:literal) => {
            concat!("/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/", $rest)
        };
    }
    routes
        .add(
            post(below!("folders/"), Needs(P::FoldersManage), "Make a folder for machines (vSphere)")
                .takes::<NewFolder>()
                .creates::<Resource>(),
            create,
        )
        .add(
            delete(below!("folders/{id}/"), Needs(P::FoldersManage), "Delete an empty folder (vSphere)"),
            async |state, caller, path| remove(Noun::Folders, state, caller, path).await,
        )
        .add(
            delete(
                below!("resource-pools/{id}/"),
                Needs(P::ResourcePoolsManage),
                "Delete an empty resource pool (vSphere)",
            ),
            async |state, caller, path| remove(Noun::ResourcePools, state, caller, path).await,
        );
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LocationPath>,
    body: Body,
) -> ApiResult<Reply<Resource>> {
    let NewFolder { name, parent: TextRef { id: parent } } = body.read()?;
    text("name", &name)?;
    text("parent", &parent)?;
    if name.chars().count() > LONGEST_NAME {
        return Err(ApiError::value(format!("\"name\" has more than {LONGEST_NAME} characters")));
    }
    let asked = to_change(&app, &caller, &path, "folders").await?;
    let about = json!({ "cloudLocation": asked.location, "parent": parent });
    let change = Asked { noun: "folders", verb: "create", failed: "create-failed", id: name.clone(), about };
    let call = async move { asked.connected.cloud().create_folder(&asked.location, &parent, &name).await };
    let id = carry_out(&app, &caller, change, call).await?;
    let at = read_again(&app, &caller, &path, Noun::Folders).await?;
    let mut tx = app.db.read().await?;
    Ok(Reply::created(view(resources::get(&mut tx, of(&at, Noun::Folders), &id).await?)))
}

async fn remove(
    noun: Noun,
    State(app): State<App>,
    caller: Caller,
    Path(ThingPath { at: path, id }): Path<ThingPath>,
) -> ApiResult<StatusCode> {
    let asked = to_change(&app, &caller, &path, noun.as_str()).await?;
    let about = json!({ "cloudLocation": asked.location });
    let change = Asked { noun: noun.as_str(), verb: "delete", failed: "delete-failed", id: id.clone(), about };
    let call = async move {
        let cloud = asked.connected.cloud();
        match noun {
            Noun::Folders => cloud.delete_folder(&asked.location, &id).await,
            _ => cloud.delete_resource_pool(&asked.location, &id).await,
        }
    };
    carry_out(&app, &caller, change, call).await?;
    read_again(&app, &caller, &path, noun).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// So that lists have the change.
async fn read_again(app: &App, caller: &Caller, path: &LocationPath, noun: Noun) -> ApiResult<At> {
    let at = at(app, caller, path).await?;
    let opening = clouds::opening(caller, &at.credential, "sync");
    let read = sync::after_change(app, &at.credential, &at.location, Kind::Resources(noun), &opening).await;
    read.map_err(|err| {
        let message = format!("the change is made, but the {noun} could not be read after it: {}", err.message());
        ApiError::unavailable(message).remedy("list them again later")
    })?;
    Ok(at)
}
