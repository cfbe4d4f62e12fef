//! What is found in a datacenter. One file for each noun: what is asked of a vCenter, and what we make of it.

pub mod cloud_images;
pub mod clusters;
pub mod customization_specs;
pub mod datacenters;
pub mod datastores;
pub mod folders;
pub mod hidden;
pub mod hosts;
pub mod machines;
pub mod networks;
pub mod outlines;
pub mod resource_pools;
pub mod storage_pods;

use std::sync::Arc;

use async_stream::try_stream;
use cloud::{
    CloudError,
    inventory::{Page, Resource},
};
use futures_util::{StreamExt, stream::BoxStream};
use serde_json::{Map, Value};

use crate::{
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{envelope::MoRef, error::CallError, tree::Node},
};

/// Where things are looked for.
pub struct Place<'a> {
    pub vcenter: &'a Arc<VCenter>,
    pub datacenter: MoRef,
}

pub type Pages<'a> = BoxStream<'a, Result<Page<Resource>, CloudError>>;

/// A noun whose things are objects of one type, each read by itself.
fn list<'a, R>(place: Place<'a>, wanted: Wanted, read: R) -> Pages<'a>
where
    R: FnMut(Object<'_>) -> Option<Resource> + Send + 'a,
{
    let pieces = property_collector::list(place.vcenter, place.datacenter, wanted, read);
    pieces.map(|it| Ok(Page { items: it?, hidden: None })).boxed()
}

/// A noun that has to be known as a whole before its first thing can be told.
fn collected<'a>(all: impl Future<Output = Result<Vec<Resource>, CallError>> + Send + 'a) -> Pages<'a> {
    Box::pin(try_stream! {
        let mut rest = all.await?;
        while !rest.is_empty() {
            let next = rest.split_off(rest.len().min(property_collector::PAGE));
            yield Page { items: std::mem::replace(&mut rest, next), hidden: None };
        }
    })
}

/// The attributes of a resource: the same keys for all, `null` where nothing is known.
macro_rules! attributes {
    ($($key:literal: $value:expr),* $(,)?) => {{
        let mut map = serde_json::Map::new();
        $(map.insert($key.to_owned(), serde_json::json!($value));)*
        map
    }};
}
pub(crate) use attributes;

/// What all resources begin as.
fn resource(object: Object<'_>, attributes: Map<String, Value>) -> Resource {
    Resource {
        cloud_id: object.id().to_owned(),
        name: name(object),
        status: object.text("overallStatus").map(str::to_owned),
        parent: object.text("parent").map(str::to_owned),
        capacity_bytes: None,
        free_bytes: None,
        attributes,
    }
}

/// The name as a person typed it; the id where the name may not be read.
pub fn name(object: Object<'_>) -> String {
    object.text("name").map_or_else(|| object.id().to_owned(), unescape)
}

/// A name as a vCenter wants to be told it: the reverse of [`unescape`].
pub fn typed(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2f").replace('\\', "%5c")
}

/// vSphere writes `/`, `\` and `%` in names as `%2f`, `%5c` and `%25` (ManagedEntity.name in the API reference).
pub fn unescape(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let (character, n_read) = match rest.as_bytes().get(at + 1..at + 3) {
            Some(b"2f" | b"2F") => ('/', 3),
            Some(b"5c" | b"5C") => ('\\', 3),
            Some(b"25") => ('%', 3),
            _ => ('%', 1),
        };
        plain.push(character);
        rest = &rest[at + n_read..];
    }
    plain.push_str(rest);
    plain
}

/// The text of a child as a number.
fn number(node: Option<Node<'_>>, child: &str) -> Option<u64> {
    node?.get(child).parse().ok()
}

/// The text of a child, `None` where it is unset.
fn text<'a>(node: Option<Node<'a>>, child: &str) -> Option<&'a str> {
    Some(node?.get(child)).filter(|it| !it.is_empty())
}

fn flag(node: Option<Node<'_>>, child: &str) -> Option<bool> {
    text(node, child).map(property_collector::is_true)
}

/// The texts of an array.
pub fn texts(array: Option<Node<'_>>) -> Vec<String> {
    array.into_iter().flat_map(Node::children).map(|it| it.text().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{typed, unescape};

    #[test]
    fn a_name_comes_back_as_it_was_typed() {
        for name in ["web", "a/b\\c%d", "%2f", "100%"] {
            assert_eq!(unescape(&typed(name)), name);
        }
    }

    #[test]
    fn names_are_shown_as_they_were_typed() {
        for (escaped, plain) in [
            ("web", "web"),
            ("a%2fb%5cc%25d", "a/b\\c%d"),
            ("a%2Fb", "a/b"),
            ("100%", "100%"),
            ("%252f", "%2f"),
            ("%", "%"),
            ("%2", "%2"),
            ("%é", "%é"),
            ("ü%2fé", "ü/é"),
        ] {
            assert_eq!(unescape(escaped), plain, "{escaped}");
        }
    }
}
