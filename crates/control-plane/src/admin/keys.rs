use anyhow::bail;
use api_types::keys::ApiKey;
use store::{Select, Time, api_keys};

use super::offline::{ADMIN, Done, Offline, told};
use crate::{
    first_start::new_api_key,
    http::{api_keys::view, body::text},
};

pub async fn list(offline: &Offline, email: &str) -> anyhow::Result<Vec<ApiKey>> {
    let mut tx = offline.db.read().await?;
    let user = offline.user(&mut tx, email).await?;
    let keys = api_keys::list(&mut tx, Select::new().eq("user_id", user.id)).await?;
    Ok(keys.rows.into_iter().map(view).collect())
}

/// The answer alone has the secret key.
pub async fn create(offline: &Offline, email: &str, name: &str) -> anyhow::Result<ApiKey> {
    text("name", name).map_err(told)?;
    let mut tx = offline.db.write().await?;
    let user = offline.user(&mut tx, email).await?;
    let (id, secret_key) = new_api_key(&mut tx, &offline.secrets, user.id, name, None, Time::now()).await?;
    let view = view(api_keys::get(&mut tx, &id).await?);
    let done = Done { by: ADMIN, account_id: user.account_id, noun: "api-keys", verb: "create", id, name };
    done.record(&mut tx, &offline.audit_key, None::<&ApiKey>, Some(&view)).await?;
    tx.commit().await?;
    Ok(ApiKey { secret_key: Some(secret_key.into()), ..view })
}

/// Another user's key is not found.
pub async fn revoke(offline: &Offline, email: &str, id: &str) -> anyhow::Result<()> {
    let mut tx = offline.db.write().await?;
    let user = offline.user(&mut tx, email).await?;
    let Some(key) = api_keys::find(&mut tx, id).await?.filter(|it| it.user_id == user.id) else {
        bail!("{} has no API key {id}", user.email);
    };
    api_keys::delete(&mut tx, id).await?;
    store::secrets::delete_all(&mut tx, "api_keys", id).await?;
    let name = key.name.clone();
    let done = Done {
        by: ADMIN,
        account_id: user.account_id,
        noun: "api-keys",
        verb: "delete",
        id: id.to_owned(),
        name: &name,
    };
    done.record(&mut tx, &offline.audit_key, Some(&view(key)), None::<&ApiKey>).await?;
    tx.commit().await?;
    Ok(())
}
