//! Keypairs of farms: which there are, and the private half for who may enter the servers.

use api_types::keypairs::{Keypair, PrivateKey};
use axum::extract::State;
use cloud::asset::Asset as Description;
use store::assets::{self, Asset};

use super::{
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    farms::of_environment,
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, get, post},
};
use crate::{
    app::App, keypair::fingerprint, permission::Permission as P, reconcile::keypairs::KIND, secrets::private_key_place,
};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("name", "name"),
    Column::text("status", "status"),
    Column::text("cloudPlatform", "platform"),
    Column::text("cloudLocation", "location_id"),
    Column::text("added", "created_at"),
];
const FILTERS: &[&str] = &["id", "name", "status", "cloudPlatform", "cloudLocation"];

pub fn routes(routes: &mut Routes) {
    let all = "/user/{envId}/farms/{farmId}/keypairs/";
    let reveal = "/user/{envId}/farms/{farmId}/keypairs/{keypairId}/actions/show-private-key/";
    let summary = "Get the private key of a farm's keypair; each time is in the audit log";
    routes
        .add(
            get(all, Needs(P::FarmsRead), "List the keypairs that were made for a farm")
                .lists::<Keypair>(FILTERS)
                .sorts(&["id", "name", "status", "added"]),
            list,
        )
        .add(post(reveal, Needs(P::PrivateKeysShow), summary).gives::<PrivateKey>(), show_private_key);
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path((_, farm_id)): Path<(i64, i64)>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Keypair>>> {
    let mut tx = app.db.read().await?;
    of_environment(&mut tx, &caller, farm_id).await?;
    let select = query.select(COLUMNS)?.eq("farm_id", farm_id).eq("kind", KIND);
    Ok(Reply::list(assets::list(&mut tx, select).await?.map(view), &query))
}

/// A POST, since it is written down who asked. The row has everything but the key.
async fn show_private_key(
    State(app): State<App>,
    caller: Caller,
    Path((_, farm_id, id)): Path<(i64, i64, String)>,
) -> ApiResult<Reply<PrivateKey>> {
    let mut tx = app.db.write().await?;
    let farm = of_environment(&mut tx, &caller, farm_id).await?;
    let found = assets::find(&mut tx, &id).await?.filter(|it| it.farm_id == Some(farm.id) && it.kind == KIND);
    let keypair = view(found.ok_or_else(|| ApiError::not_found(format!("keypair {id}")))?);
    let Some(public_key) = keypair.public_key.clone().filter(|_| keypair.deleted.is_none()) else {
        let message = format!("the keypair is {}: there is no private key of it", keypair.status);
        return Err(ApiError::conflict("UnacceptableState", message));
    };
    let private_key = app.secrets.open(&mut tx, &private_key_place(&id)).await.map_err(ApiError::internal)?;
    let change = Change::new("keypairs", "show-private-key", &id, &keypair.name).after(&keypair);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    let Keypair { name, fingerprint, .. } = keypair;
    Ok(Reply::ok(PrivateKey { id, name, public_key, fingerprint, private_key: private_key.into() }))
}

fn view(asset: Asset) -> Keypair {
    let public_key = match asset.description.0 {
        Description::Keypair { public_key, .. } => public_key,
        _ => None,
    };
    let seen = asset.seen;
    Keypair {
        id: asset.id,
        name: asset.name,
        cloud_platform: asset.platform,
        cloud_location: asset.location_id,
        status: seen.status.to_string(),
        status_since: seen.status_since.0,
        fingerprint: public_key.as_deref().and_then(fingerprint),
        public_key,
        failure: seen.failure.and_then(|it| serde_json::from_value(it.0).ok()),
        added: asset.created_at.0,
        observed_at: seen.observed_at.map(|it| it.0),
        deleted: seen.deleted_at.map(|it| it.0),
    }
}
