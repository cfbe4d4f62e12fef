use cloud::{
    CloudError,
    inventory::{Noun, Resource},
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde_json::{Map, Value};

use crate::{
    cinder,
    error::Error,
    glance,
    neutron::{networks, security_groups},
    nova::{keypairs, server_groups, zones},
    session::Session,
    swift,
};

pub(crate) const NOUNS: [Noun; 8] = [
    Noun::CloudImages,
    Noun::Networks,
    Noun::SecurityGroups,
    Noun::Keypairs,
    Noun::AvailabilityZones,
    Noun::VolumeTypes,
    Noun::ServerGroups,
    Noun::ObjectContainers,
];

/// All things of one kind in a region. [`CloudError::Unsupported`] comes at once for a kind OpenStack does not have,
/// and as the first item where the region has no such service.
pub(crate) fn list<'a>(
    session: &'a Session,
    region: &'a str,
    noun: Noun,
) -> Result<BoxStream<'a, Result<Vec<Resource>, Error>>, CloudError> {
    Ok(match noun {
        Noun::CloudImages => glance::list(session, region).boxed(),
        Noun::Networks => networks::list(session, region).boxed(),
        Noun::SecurityGroups => security_groups::list(session, region).boxed(),
        Noun::Keypairs => stream::once(keypairs::list(session, region)).boxed(),
        Noun::AvailabilityZones => stream::once(zones::list(session, region)).boxed(),
        Noun::VolumeTypes => cinder::volume_types(session, region).boxed(),
        Noun::ServerGroups => stream::once(server_groups::list(session, region)).boxed(),
        Noun::ObjectContainers => swift::containers(session, region).boxed(),
        other => return Err(CloudError::Unsupported(format!("OpenStack has no {other}"))),
    })
}

/// The fields of a JSON object.
pub(crate) fn attributes(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
