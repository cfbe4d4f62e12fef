use std::collections::HashMap;

use cloud::inventory::Resource;
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::{
    inventory::{Pages, Place, attributes, collected, resource, texts},
    property_collector::{self, Object, Wanted},
    soap::error::CallError,
};

const WANTED: Wanted = Wanted { kind: "Folder", properties: &["name", "parent", "overallStatus", "childType"] };
/// No inventory is deeper; a circle of parents cannot be, and would end here.
const MAX_DEPTH: usize = 100;

/// Folders that may hold machines, with their path below the datacenter (`vm/prod/web`).
pub fn list(place: Place<'_>) -> Pages<'_> {
    collected(async move {
        let mut folders = machine_folders(&place).await?;
        let names: HashMap<_, _> =
            folders.iter().map(|it| (it.cloud_id.clone(), (it.name.clone(), it.parent.clone()))).collect();
        for folder in &mut folders {
            folder.attributes.insert("path".to_owned(), json!(path(&folder.cloud_id, &names)));
        }
        Ok(folders)
    })
}

async fn machine_folders(place: &Place<'_>) -> Result<Vec<Resource>, CallError> {
    let datacenter = place.datacenter.id.clone();
    let read = |object: Object<'_>| {
        let child_types = texts(object.value("childType"));
        // Storage pods are folders too, of datastores.
        child_types.iter().any(|it| it == "VirtualMachine").then(|| {
            let is_root = object.text("parent") == Some(&datacenter);
            resource(object, attributes! { "childTypes": child_types, "isRoot": is_root, "path": Value::Null })
        })
    };
    let pieces = property_collector::list(place.vcenter, place.datacenter.clone(), WANTED, read);
    Ok(pieces.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}

/// From the outermost folder that is seen. A `/` inside a name is told by the name, not by the path.
fn path(id: &str, names: &HashMap<String, (String, Option<String>)>) -> String {
    let mut parts = Vec::new();
    let mut next = Some(id);
    while let Some((name, parent)) = next.and_then(|it| names.get(it)).filter(|_| parts.len() < MAX_DEPTH) {
        parts.push(name.as_str());
        next = parent.as_deref();
    }
    parts.reverse();
    parts.join("/")
}
