//! What a service says of itself before anybody logs in: what it is, which versions of the API it speaks, and where
//! its other objects are.

use http::HeaderValue;

use crate::soap::{envelope::MoRef, tree::Node};

/// The newest version of the API that this driver was written against.
const NEWEST: &str = "9.0.0.0";
pub const OLDEST: &str = "6.5";

/// What a vCenter says of itself (`AboutInfo`).
#[derive(Debug, Clone)]
pub struct About {
    pub api_type: String,
    pub api_version: String,
    pub version: String,
    pub build: String,
    pub full_name: String,
    pub instance_uuid: String,
}

/// The objects where everything else begins (`ServiceContent`).
#[derive(Debug, Clone)]
pub struct Content {
    pub about: About,
    pub root_folder: MoRef,
    pub property_collector: MoRef,
    pub view_manager: MoRef,
    pub session_manager: MoRef,
    pub authorization_manager: MoRef,
    pub search_index: MoRef,
    pub task_manager: MoRef,
    pub customization_spec_manager: Option<MoRef>,
    pub custom_fields_manager: Option<MoRef>,
    pub diagnostic_manager: Option<MoRef>,
    pub event_manager: Option<MoRef>,
    pub file_manager: Option<MoRef>,
    pub virtual_disk_manager: Option<MoRef>,
}

impl Content {
    pub fn read(node: Node<'_>) -> Option<Self> {
        let find = |name| node.child(name).map(|it| MoRef::new(it.object_type(), it.text()));
        let about = node.child("about")?;
        let text = |name| about.get(name).to_owned();
        let about = About {
            api_type: text("apiType"),
            api_version: text("apiVersion"),
            version: text("version"),
            build: text("build"),
            full_name: text("fullName"),
            instance_uuid: text("instanceUuid"),
        };
        Some(Content {
            about,
            root_folder: find("rootFolder")?,
            property_collector: find("propertyCollector")?,
            // Some are missing on hosts, which are refused with a better reason than this.
            view_manager: find("viewManager").unwrap_or_else(|| MoRef::new("ViewManager", "ViewManager")),
            session_manager: find("sessionManager")?,
            authorization_manager: find("authorizationManager")
                .unwrap_or_else(|| MoRef::new("AuthorizationManager", "AuthorizationManager")),
            search_index: find("searchIndex").unwrap_or_else(|| MoRef::new("SearchIndex", "SearchIndex")),
            task_manager: find("taskManager").unwrap_or_else(|| MoRef::new("TaskManager", "TaskManager")),
            customization_spec_manager: find("customizationSpecManager"),
            custom_fields_manager: find("customFieldsManager"),
            diagnostic_manager: find("diagnosticManager"),
            event_manager: find("eventManager"),
            file_manager: find("fileManager"),
            virtual_disk_manager: find("virtualDiskManager"),
        })
    }
}

/// Why this service cannot be used.
pub fn supported(about: &About) -> Result<(), String> {
    if about.api_type != "VirtualCenter" {
        let what = if about.api_type == "HostAgent" { "an ESXi host" } else { "no vCenter Server" };
        return Err(format!("this is {what} ({}, API type {:?})", about.full_name, about.api_type));
    }
    if numbers(&about.api_version) < numbers(OLDEST) {
        return Err(format!("{} speaks API {}; 6.7 to 9 are supported", about.full_name, about.api_version));
    }
    Ok(())
}

/// `7.0.3.0` → `[7, 0, 3, 0]`; what is no number counts as 0 (`2.5u2`).
pub fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|it| it.parse().unwrap_or(0)).collect()
}

/// The highest that both sides know.
pub fn best_version<'a>(offered: impl Iterator<Item = &'a str>) -> String {
    let known = offered.filter(|it| {
        let is_plain = !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        is_plain && (numbers(OLDEST)..=numbers(NEWEST)).contains(&numbers(it))
    });
    known.max_by_key(|it| numbers(it)).unwrap_or(OLDEST).to_owned()
}

pub fn soap_action(version: &str) -> HeaderValue {
    let action = HeaderValue::from_str(&format!("\"urn:vim25/{version}\""));
    action.unwrap_or(HeaderValue::from_static("\"urn:vim25/6.5\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_that_both_know() {
        let check = |offered: &[&str], expected| assert_eq!(best_version(offered.iter().copied()), expected);
        check(&["8.0.3.0", "8.0.2.0", "7.0", "2.5u2"], "8.0.3.0");
        check(&["10.1.0.0", "9.1.0.0", "9.0.0.0", "8.0.3.0"], "9.0.0.0");
        check(&["6.7.3", "6.7", "6.5"], "6.7.3");
        check(&["6.0", "5.5"], "6.5");
        check(&[], "6.5");
    }
}
