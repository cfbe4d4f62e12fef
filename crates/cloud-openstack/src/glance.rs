//! Image API v2 (<https://docs.openstack.org/api-ref/image/v2/>).

pub(crate) mod snapshots;

use std::collections::HashSet;

use async_stream::try_stream;
use cloud::{CloudError, inventory::Resource};
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    catalog::Service,
    error::Error,
    inventory::attributes,
    pages::{PageReply, pages},
    session::{At, Change, Get, Session},
};

const PAGE: usize = 500;

#[derive(Deserialize)]
struct Reply {
    images: Vec<GlanceImage>,
    /// A path; there is one also after the last image of a full page.
    #[serde(default)]
    next: Option<String>,
}

/// One entry of `GET /v2/images`. Free properties stand beside the fixed fields.
#[derive(Deserialize)]
struct GlanceImage {
    id: String,
    #[serde(default)]
    name: Option<String>,
    status: String,
    /// Bytes; none while the image has no data.
    #[serde(default)]
    size: Option<u64>,
    /// Bytes.
    #[serde(default)]
    virtual_size: Option<u64>,
    #[serde(default)]
    disk_format: Option<String>,
    #[serde(default)]
    container_format: Option<String>,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    checksum: Option<String>,
    /// GiB.
    #[serde(default)]
    min_disk: Option<u64>,
    /// MiB.
    #[serde(default)]
    min_ram: Option<u64>,
    #[serde(default)]
    protected: Option<bool>,
    #[serde(default)]
    os_hidden: Option<bool>,
    #[serde(default)]
    os_type: Option<String>,
    #[serde(default)]
    os_distro: Option<String>,
    #[serde(default)]
    os_version: Option<String>,
    #[serde(default)]
    architecture: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    updated_at: Option<String>,
}

impl PageReply for Reply {
    type Item = GlanceImage;

    fn split(self) -> (Vec<GlanceImage>, Option<String>) {
        let next = self.images.last().filter(|_| self.next.is_some()).map(|it| it.id.clone());
        (self.images, next)
    }
}

/// All images this project may use: its own, shared with it, of the community and public.
pub(crate) fn list<'a>(
    session: &'a Session,
    region: &'a str,
) -> impl Stream<Item = Result<Vec<Resource>, Error>> + Send + 'a {
    let call = Get::new(At { service: Service::Image, region }, "/images");
    try_stream! {
        // Without this word, images that others give to the community are left out.
        let mut all = pages::<Reply>(session, call.query(&[("visibility", "all")]), PAGE).boxed();
        let is_known = match all.next().await {
            // Older services refuse it as a value they do not know.
            Some(Err(Error::Refused(refusal))) if refusal.status == 400 => false,
            Some(first) => {
                yield first?.into_iter().map(resource).collect();
                true
            }
            None => true,
        };
        while let Some(page) = all.next().await {
            yield page?.into_iter().map(resource).collect();
        }
        if !is_known {
            let mut seen = HashSet::new();
            let community = call.query(&[("visibility", "community")]);
            let mut both = pages::<Reply>(session, call, PAGE).chain(pages::<Reply>(session, community, PAGE)).boxed();
            while let Some(page) = both.next().await {
                // The project's own community images are in both.
                yield page?.into_iter().filter(|it| seen.insert(it.id.clone())).map(resource).collect();
            }
        }
    }
}

fn resource(it: GlanceImage) -> Resource {
    Resource {
        name: it.name.filter(|it| !it.is_empty()).unwrap_or_else(|| it.id.clone()),
        cloud_id: it.id,
        status: Some(it.status),
        parent: None,
        capacity_bytes: it.size,
        free_bytes: None,
        attributes: attributes(json!({
            "diskFormat": it.disk_format,
            "containerFormat": it.container_format,
            "visibility": it.visibility,
            "projectId": it.owner,
            "checksum": it.checksum,
            "virtualSizeBytes": it.virtual_size,
            "minDiskGib": it.min_disk,
            "minRamMib": it.min_ram,
            "protected": it.protected,
            "hidden": it.os_hidden,
            "osType": it.os_type,
            "osDistro": it.os_distro,
            "osVersion": it.os_version,
            "architecture": it.architecture,
            "tags": it.tags,
            "createdAt": it.created_at,
            "updatedAt": it.updated_at,
        })),
    }
}

/// Of a protected image, or one of another project, it is [`CloudError::Forbidden`]; of one that volumes need,
/// [`CloudError::Conflict`].
pub(crate) async fn delete(session: &Session, region: &str, id: &str) -> Result<(), CloudError> {
    let id: Uuid = id.parse().map_err(|_| CloudError::NotFound(format!("{id:?} is no id of an image")))?;
    let path = format!("/images/{id}");
    match session.change(&Change::delete(At { service: Service::Image, region }, &path)).await {
        Err(err) if err.status() == Some(404) => Ok(()),
        Err(err) => Err(err.into()),
        Ok(_) => Ok(()),
    }
}
