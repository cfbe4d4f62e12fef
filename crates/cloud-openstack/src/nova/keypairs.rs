//! Keypairs belong to a user of the cloud, in every project, and have no tags: a name is all that says whose one is.
//! <https://docs.openstack.org/api-ref/compute/#keypairs-keypairs>

use cloud::{
    CloudError,
    asset::{Making, Part},
    inventory::Resource,
    server::Removal,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    catalog::Service,
    error::Error,
    inventory::attributes,
    session::{At, Change, Get, Session},
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
async fn all(session: &Session, region: &str) -> Result<Vec<NovaKeypair>, Error> {
    let oldest = Get::new(At { service: Service::Compute, region }, "/os-keypairs");
    let reply = match session.get::<Reply>(&Get { microversion: Some(WITH_TYPE), ..oldest }).await {
        Err(err) if err.status() == Some(406) => session.get(&oldest).await?,
        reply => reply?,
    };
    Ok(reply.keypairs.into_iter().map(|it| it.keypair).collect())
}

pub(crate) async fn list(session: &Session, region: &str) -> Result<Vec<Resource>, Error> {
    let resource = |it: NovaKeypair| Resource {
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
    Ok(all(session, region).await?.into_iter().map(resource).collect())
}

/// Imports the public key by this name, unless it is there. In Nova's oldest form, where all keypairs are of SSH.
pub(crate) async fn make(session: &Session, region: &str, name: &str, public_key: &str) -> Result<Making, CloudError> {
    if let Some(found) = one(session, region, name).await? {
        return Ok(compared(&found, public_key));
    }
    let body = json!({ "keypair": { "name": name, "public_key": public_key } });
    let at = At { service: Service::Compute, region };
    match session.change(&Change::post(at, "/os-keypairs", body)).await {
        Ok(answer) => {
            let made: Wrapped = session.parse(&answer.url, &answer.body)?;
            Ok(compared(&made.keypair, public_key))
        }
        // An order whose answer was lost was carried out meanwhile.
        Err(err) if err.status() == Some(409) => match one(session, region, name).await? {
            Some(found) => Ok(compared(&found, public_key)),
            None => Err(err.into()),
        },
        Err(err) => Err(err.into()),
    }
}

pub(crate) async fn find(session: &Session, region: &str, name: &str) -> Result<Vec<Part>, CloudError> {
    Ok(one(session, region, name).await?.iter().map(Part::from).collect())
}

/// Servers keep the public key that they got.
pub(crate) async fn remove(session: &Session, region: &str, name: &str) -> Result<Removal, CloudError> {
    if one(session, region, name).await?.is_none() {
        return Ok(Removal::Gone);
    }
    let path = format!("/os-keypairs/{name}");
    match session.change(&Change::delete(At { service: Service::Compute, region }, &path)).await {
        Err(err) if err.status() != Some(404) => return Err(err.into()),
        _ => {}
    }
    Ok(match one(session, region, name).await? {
        None => Removal::Gone,
        Some(_) => Removal::UnderWay,
    })
}

/// By the list, since a 404 can come of other things than that it is not there.
async fn one(session: &Session, region: &str, name: &str) -> Result<Option<NovaKeypair>, Error> {
    Ok(all(session, region).await?.into_iter().find(|it| it.name == name))
}

/// The key itself tells more than its fingerprint, which is MD5. What follows it is a comment.
fn compared(found: &NovaKeypair, public_key: &str) -> Making {
    let key = |line: &str| line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
    let parts = vec![Part::from(found)];
    if found.public_key.as_deref().map(key) == Some(key(public_key)) {
        return Making::Ready(parts);
    }
    Making::Failed { message: format!("keypair {} is there with another public key", found.name), parts }
}

impl From<&NovaKeypair> for Part {
    fn from(it: &NovaKeypair) -> Part {
        Part { kind: "keypair".to_owned(), id: it.name.clone(), status: None, address: None, used_by: Vec::new() }
    }
}
