use cloud::{
    CloudError,
    server::{Mark, Order, Removal},
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    marked::{self, Marked},
    servers::NovaServer,
};
use crate::{
    catalog::Service,
    error::Error,
    neutron::{floating_ips, ports},
    session::{At, Change, Session},
};

/// Servers first, then, when none is left, their ports: Nova lets go of a port before its server is gone. Floating IPs
/// are last, and looked for once: each that we made is told by its description, whatever became of its port, and when no
/// port is left, one that leads to a port was given to somebody else.
pub(crate) async fn remove(
    session: &Session,
    region: &str,
    mark: Mark,
    order: Option<&Order>,
) -> Result<Removal, CloudError> {
    let Marked { servers, ports } = match marked::list(session, region, mark, order).await {
        // A Nova without tags made no server of ours, but a try to make one may have left ports.
        Err(err) if err.status() == Some(406) => Marked::default(),
        found => found?,
    };
    if !servers.is_empty() {
        let deletions = join_all(servers.iter().map(|it| delete(session, region, it))).await;
        deletions.into_iter().collect::<Result<(), Error>>()?;
        return Ok(Removal::UnderWay);
    }
    let ports = match ports {
        Some(ports) => ports,
        None => ports::list(session, region, mark).await?,
    };
    for port in &ports {
        // Somebody gave it to a server that is not ours; new Neutrons do not delete it then, older ones do.
        if let Some(id) = &port.server_id
            && marked::find_one(session, region, id).await?.is_some()
        {
            let port = &port.id;
            return Err(CloudError::Conflict(format!(
                "port {port} is at the server {id}, which is not ours; detach it"
            )));
        }
        ports::delete(session, region, &port.id).await?;
    }
    // Neutron answers a deletion when it is done; a port that it has nevertheless is another.
    if !ports.is_empty() && !ports::list(session, region, mark).await?.is_empty() {
        return Ok(Removal::UnderWay);
    }
    let n_floating_ips = floating_ips::remove_all(session, region, mark).await?;
    Ok(if n_floating_ips == 0 { Removal::Gone } else { Removal::UnderWay })
}

/// Ports come twice where the order of one was on its way still when it was looked for.
pub(crate) async fn remove_surplus(
    session: &Session,
    region: &str,
    mark: Mark,
    kept: &str,
    others: &[String],
) -> Result<Vec<String>, CloudError> {
    let mut removed = Vec::new();
    for id in others.iter().filter(|it| *it != kept) {
        match marked::find_one(session, region, id).await? {
            Some(server) if !server.is_marked(mark) => {
                return Err(CloudError::Refused(format!("server {id} does not carry the mark {mark}")));
            }
            Some(server) if !server.is_being_removed() => {
                delete(session, region, &server).await?;
                removed.push(format!("server {id}"));
            }
            _ => {}
        }
    }
    for port in ports::surplus(ports::list(session, region, mark).await?, kept) {
        ports::delete(session, region, &port.id).await?;
        removed.push(format!("port {}", port.id));
    }
    Ok(removed)
}

/// `DELETE /servers/{id}`: <https://docs.openstack.org/api-ref/compute/#delete-server>.
async fn delete(session: &Session, region: &str, server: &NovaServer) -> Result<(), Error> {
    let Some(path) = marked::path(&server.id) else { return Ok(()) };
    let (at, action) = (At { service: Service::Compute, region }, format!("{path}/action"));
    let call = match server.status.as_deref() {
        // A cloud may keep what was deleted for days, with its ports.
        // <https://docs.openstack.org/api-ref/compute/#force-delete-server-forcedelete-action>
        Some("SOFT_DELETED") => Change::post(at, &action, json!({ "forceDelete": Value::Null })),
        _ if server.is_being_removed() => return Ok(()),
        _ => Change::delete(at, &path),
    };
    match session.change(&call).await {
        Err(err) if err.status() != Some(404) => Err(err),
        _ => Ok(()),
    }
}
