use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, timeout_at};

use crate::{
    catalog::Service,
    discovery,
    error::Error,
    session::{At, Get, Session},
};

/// For the services of all regions together: somebody waits for this.
const LIMIT: Duration = Duration::from_secs(60);

/// One entry of `GET /extensions` of Nova, Neutron and Cinder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Extension {
    pub alias: String,
    #[serde(default)]
    pub name: String,
}

/// The extensions of a service, by alias; `None` for a service that has none by design.
pub(crate) async fn extensions(session: &Session, at: At<'_>) -> Result<Option<Vec<Extension>>, Error> {
    #[derive(Deserialize)]
    struct Reply {
        extensions: Vec<Extension>,
    }
    if !has_extensions(at.service) {
        return Ok(None);
    }
    let mut extensions = session.get::<Reply>(&Get::new(at, "/extensions")).await?.extensions;
    extensions.sort();
    Ok(Some(extensions))
}

pub(crate) fn has_extensions(service: Service) -> bool {
    matches!(service, Service::Compute | Service::Network | Service::Volume)
}

pub(crate) async fn describe(session: &Session) -> Result<Value, Error> {
    let login = session.login().await?;
    let keystone = session.keystone().await?;
    let regions = login.catalog.used_regions(&session.config)?;
    let deadline = Instant::now() + LIMIT;
    let regions = join_all(regions.iter().map(|region| async move {
        let services =
            Service::ALL.map(|service| Box::pin(describe_service(session, At { service, region }, deadline)));
        let services = join_all(services).await;
        json!({ "name": region, "services": services })
    }));
    Ok(json!({
        "identity": { "url": keystone.base.as_str(), "version": keystone.version },
        "user": login.user.shown(),
        "project": login.project.as_ref().map(|it| it.shown()),
        "roles": login.roles,
        "regions": regions.await,
    }))
}

async fn describe_service(session: &Session, at: At<'_>, deadline: Instant) -> Value {
    let mut described = json!({
        "type": at.service.as_str(), "name": at.service.project_name(), "catalogType": null, "url": null,
        "port": null, "isDefaultPort": null, "versions": [], "extensions": [], "error": null,
    });
    let filled = async {
        let login = session.login().await?;
        let (url, catalog_type) = login.catalog.find(at.service, at.region, session.config.interface)?;
        let port = url.port_or_known_default();
        described["catalogType"] = catalog_type.into();
        described["url"] = url.as_str().into();
        described["port"] = port.into();
        described["isDefaultPort"] = (port == Some(at.service.default_port())).into();
        let (versions, extensions) =
            futures_util::try_join!(discovery::versions(session, at), extensions(session, at))?;
        described["versions"] = json!(versions);
        described["extensions"] = json!(extensions.unwrap_or_default());
        Ok::<_, Error>(())
    };
    match timeout_at(deadline, filled).await {
        Ok(Ok(())) => {}
        Ok(Err(err)) => described["error"] = err.to_string().into(),
        Err(_) => described["error"] = format!("no answer within {} s", LIMIT.as_secs()).into(),
    }
    described
}
