use cloud::inventory::Resource;
use serde::Deserialize;
use serde_json::json;

use crate::{
    catalog::Service,
    error::Error,
    inventory::attributes,
    session::{At, Get, Session},
};

/// The first that tells the type.
const WITH_TYPE: &str = "2.2";

#[derive(Deserialize)]
struct Reply {
    keypairs: Vec<Wrapped>,
}

#[derive(Deserialize)]
struct Wrapped {
    keypair: NovaKeypair,
}

/// One entry of `GET /os-keypairs`: the user's own, in every project.
#[derive(Deserialize)]
struct NovaKeypair {
    name: String,
    #[serde(default)]
    fingerprint: Option<String>,
    #[serde(default)]
    public_key: Option<String>,
    /// `ssh` or `x509`; Nova before 2.2 has only `ssh` and does not say so.
    #[serde(rename = "type", default)]
    keypair_type: Option<String>,
}

/// All at once: before 2.35 there are no pages, and the quota keeps the list short.
pub(crate) async fn list(session: &Session, region: &str) -> Result<Vec<Resource>, Error> {
    let oldest = Get::new(At { service: Service::Compute, region }, "/os-keypairs");
    let reply = match session.get::<Reply>(&Get { microversion: Some(WITH_TYPE), ..oldest }).await {
        Err(err) if err.status() == Some(406) => session.get(&oldest).await?,
        reply => reply?,
    };
    let resource = |Wrapped { keypair: it }| Resource {
        attributes: attributes(json!({
            "fingerprint": it.fingerprint,
            "publicKey": it.public_key,
            "type": it.keypair_type.as_deref().unwrap_or("ssh"),
        })),
        cloud_id: it.name.clone(),
        name: it.name,
        status: None,
        parent: None,
        capacity_bytes: None,
        free_bytes: None,
    };
    Ok(reply.keypairs.into_iter().map(resource).collect())
}
