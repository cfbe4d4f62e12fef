use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    catalog::Service,
    error::Error,
    session::{At, Get, Session},
};

/// `GET /volumes/{id}`: <https://docs.openstack.org/api-ref/block-storage/v3/#show-a-volume-s-details>.
#[derive(Deserialize)]
pub(crate) struct CinderVolume {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    /// `available`, `reserved`, `attaching`, `in-use`, `detaching`, `error`, …
    pub status: String,
    /// GiB.
    #[serde(default)]
    pub size: Option<u64>,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// UTC, without saying so.
    #[serde(default)]
    pub created_at: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Attachment {
    #[serde(default)]
    pub server_id: Option<String>,
}

impl CinderVolume {
    pub fn is_at(&self, server_id: &str) -> bool {
        self.attachments.iter().any(|it| it.server_id.as_deref() == Some(server_id))
    }

    /// The ids of servers that have it.
    pub fn servers(&self) -> impl Iterator<Item = &str> {
        self.attachments.iter().filter_map(|it| it.server_id.as_deref())
    }

    /// `in-use by server 1f0c…`; `in-use` where Cinder does not tell.
    pub fn shown(&self) -> String {
        let servers: Vec<&str> = self.servers().collect();
        if servers.is_empty() {
            self.status.clone()
        } else {
            format!("{} by server {}", self.status, servers.join(", "))
        }
    }
}

/// `None` when there is none that this project sees.
pub(crate) async fn find(session: &Session, region: &str, id: &str) -> Result<Option<CinderVolume>, Error> {
    #[derive(Deserialize)]
    struct One {
        volume: CinderVolume,
    }
    // All are UUIDs, and anything else could lead elsewhere.
    let Ok(id) = uuid::Uuid::parse_str(id) else { return Ok(None) };
    let path = format!("/volumes/{id}");
    match session.get::<One>(&Get::new(At { service: Service::Volume, region }, &path)).await {
        Ok(One { volume }) => Ok(Some(volume)),
        Err(err) if err.status() == Some(404) => Ok(None),
        Err(err) => Err(err),
    }
}
