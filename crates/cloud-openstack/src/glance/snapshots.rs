use cloud::operation::Snapshot;
use futures_util::{StreamExt, pin_mut};
use serde::Deserialize;

use crate::{
    catalog::Service,
    error::Error,
    pages::{PageReply, pages},
    session::{At, Get, Session},
};

const PAGE: usize = 100;

#[derive(Deserialize)]
struct Reply {
    images: Vec<GlanceSnapshot>,
    #[serde(default)]
    next: Option<String>,
}

/// An image with what Nova and we write beside the fixed fields.
#[derive(Deserialize)]
pub(crate) struct GlanceSnapshot {
    pub id: String,
    #[serde(default)]
    name: Option<String>,
    pub status: String,
    /// Bytes; none while the image has no data.
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    pub instance_uuid: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(rename = "stackyard_operation", default)]
    pub operation: Option<String>,
}

impl PageReply for Reply {
    type Item = GlanceSnapshot;

    fn split(self) -> (Vec<GlanceSnapshot>, Option<String>) {
        let next = self.images.last().filter(|_| self.next.is_some()).map(|it| it.id.clone());
        (self.images, next)
    }
}

/// Images of the project by properties, the oldest first. Any property of an image is a filter:
/// <https://docs.openstack.org/api-ref/image/v2/#list-images>. Whoever shares an image can write what he likes into it,
/// so only those of the project itself count.
pub(crate) async fn list(
    session: &Session,
    region: &str,
    properties: &[(&str, &str)],
) -> Result<Vec<GlanceSnapshot>, Error> {
    let project_id = session.project_id().await?;
    let mut query = vec![("owner", project_id.as_str()), ("sort", "created_at:asc")];
    query.extend_from_slice(properties);
    let pages =
        pages::<Reply>(session, Get::new(At { service: Service::Image, region }, "/images").query(&query), PAGE);
    pin_mut!(pages);
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        found.extend(page?.into_iter().filter(|it| it.owner.as_deref() == Some(&project_id)));
    }
    Ok(found)
}

impl From<GlanceSnapshot> for Snapshot {
    fn from(it: GlanceSnapshot) -> Self {
        Snapshot {
            name: it.name.filter(|it| !it.is_empty()).unwrap_or_else(|| it.id.clone()),
            id: it.id,
            description: it.description.filter(|it| !it.is_empty()),
            status: it.status,
            parent: None,
            size_bytes: it.size,
            created_at: it.created_at.as_deref().and_then(|it| it.parse().ok()),
        }
    }
}
