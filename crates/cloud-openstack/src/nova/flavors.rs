use std::fmt;

use cloud::InstanceType;
use futures_util::{StreamExt, pin_mut};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

use crate::{
    catalog::Service,
    error::Error,
    pages::{Link, PageReply, marker, pages},
    session::{At, Get, Session},
};

/// Nova gives no more than 1000 by default (`[api] max_limit`).
const PAGE: usize = 1000;

#[derive(Deserialize)]
struct Reply {
    flavors: Vec<NovaFlavor>,
    #[serde(default)]
    flavors_links: Vec<Link>,
}

/// One entry of `GET /flavors/detail` (compute API 2.1).
#[derive(Deserialize)]
pub(crate) struct NovaFlavor {
    pub id: String,
    pub name: String,
    pub vcpus: u32,
    /// MiB.
    pub ram: u64,
    /// Root disk in GiB. 0: as large as the image.
    #[serde(default)]
    disk: u64,
    /// GiB.
    #[serde(rename = "OS-FLV-EXT-DATA:ephemeral", default)]
    ephemeral: u64,
    /// MiB; an empty text means none.
    #[serde(default, deserialize_with = "swap")]
    swap: u64,
    #[serde(rename = "os-flavor-access:is_public", default = "public")]
    is_public: bool,
}

fn public() -> bool {
    true
}

/// By a visitor and not by an untagged enum, which would keep a copy of each value to try its variants on.
fn swap<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Swap;
    impl Visitor<'_> for Swap {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("MiB as a number or text")
        }

        fn visit_u64<E>(self, mib: u64) -> Result<u64, E> {
            Ok(mib)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
            if text.is_empty() { Ok(0) } else { text.parse().map_err(E::custom) }
        }
    }
    deserializer.deserialize_any(Swap)
}

impl PageReply for Reply {
    type Item = NovaFlavor;

    fn split(self) -> (Vec<NovaFlavor>, Option<String>) {
        let next = marker(&self.flavors_links, &self.flavors, |it| &it.id);
        (self.flavors, next)
    }
}

impl From<NovaFlavor> for InstanceType {
    fn from(it: NovaFlavor) -> Self {
        InstanceType {
            cloud_id: it.id,
            name: it.name,
            vcpus: it.vcpus,
            memory_mib: it.ram,
            root_disk_gib: it.disk,
            ephemeral_disk_gib: it.ephemeral,
            swap_mib: it.swap,
            is_public: it.is_public,
        }
    }
}

/// All flavors this project may use, each page read once.
pub(crate) async fn list(session: &Session, region: &str) -> Result<Vec<NovaFlavor>, Error> {
    let call = Get::new(At { service: Service::Compute, region }, "/flavors/detail");
    let pages = pages::<Reply>(session, call, PAGE);
    pin_mut!(pages);
    let mut flavors = Vec::new();
    while let Some(page) = pages.next().await {
        flavors.extend(page?);
    }
    Ok(flavors)
}

/// One flavor by id, also one that lists do not show; `None` when it was deleted.
pub(crate) async fn find(session: &Session, region: &str, id: &str) -> Result<Option<NovaFlavor>, Error> {
    #[derive(Deserialize)]
    struct One {
        flavor: NovaFlavor,
    }
    // An id is a free text of the administrator, and a path with dots would lead elsewhere.
    if id == "." || id == ".." {
        return Ok(None);
    }
    let path = format!("/flavors/{}", utf8_percent_encode(id, NON_ALPHANUMERIC));
    match session.get::<One>(&Get::new(At { service: Service::Compute, region }, &path)).await {
        Ok(One { flavor }) => Ok(Some(flavor)),
        Err(err) if err.status() == Some(404) => Ok(None),
        Err(err) => Err(err),
    }
}
