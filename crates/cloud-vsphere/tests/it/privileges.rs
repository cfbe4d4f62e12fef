//! The simulator grants every privilege; `-strict` is our own extension, which answers by the permissions that were
//! set. Calls are not refused, so this proves the questions and what we make of the answers.

use cloud::check::CheckStatus;
use cloud_vsphere::privileges::{ALL, Entity};

use crate::support::{Raw, Report, Vcsim, config, connect};

/// The simulator's administrator lacks these two, and no role may have what the administrator has not.
const UNKNOWN: [&str; 2] = ["InventoryService.Tagging.AttachTag", "StorageProfile.View"];

const USER: &str = "VSPHERE.LOCAL\\svc-stackyard";

/// Creates a role and gives it to the user on an object.
async fn grant(raw: &mut Raw, role: &str, ids: &[&str], on: (&str, &str), propagate: bool) {
    let ids = ids.iter().filter(|it| !UNKNOWN.contains(it));
    let fields: String = ids.map(|it| format!("<privIds>{it}</privIds>")).collect();
    let answer = raw
        .call(
            "AuthorizationManager",
            "AuthorizationManager",
            "AddAuthorizationRole",
            &format!("<name>{role}</name>{fields}"),
        )
        .await;
    let id = answer.split("<returnval>").nth(1).unwrap_or_else(|| panic!("{answer}")).split('<').next().unwrap();
    let (kind, object) = on;
    let permission = format!(
        "<entity type=\"{kind}\">{object}</entity><permission><principal>{USER}</principal><group>false</group>\
         <roleId>{id}</roleId><propagate>{propagate}</propagate></permission>"
    );
    let answer = raw.call("AuthorizationManager", "AuthorizationManager", "SetEntityPermissions", &permission).await;
    assert!(answer.contains("SetEntityPermissionsResponse"), "{answer}");
}

async fn report(vcsim: &Vcsim) -> Report {
    let config = cloud_vsphere::Config { user_name: USER.to_owned(), ..config(&vcsim.url, &[]) };
    Report::of(&connect(config)).await
}

#[tokio::test]
async fn exactly_the_missing_privileges_are_reported_with_strict() {
    let vcsim = Vcsim::for_user("", &["-strict", "-dc", "2", "-pod", "1", "-template", "1"]);
    let mut raw = Raw::log_in(&vcsim.url, "admin").await;
    let missing = [
        "Datastore.AllocateSpace",
        "Global.CancelTask",
        UNKNOWN[0],
        "Network.Assign",
        "Resource.ApplyRecommendation",
        UNKNOWN[1],
        "VirtualMachine.Inventory.CreateFromExisting",
        "VirtualMachine.Provisioning.Clone",
        "VirtualMachine.Provisioning.ReadCustSpecs",
    ];
    let granted: Vec<_> = ALL.iter().map(|it| it.id).filter(|it| !missing.contains(it)).collect();
    grant(&mut raw, "most", &granted, ("Folder", "group-d1"), true).await;
    let report = report(&vcsim).await;
    let expected: Vec<_> = missing.iter().map(|it| format!("vsphere.privilege.{it}")).collect();
    let mut warned = report.with(CheckStatus::Warning);
    warned.retain(|it| it.starts_with("vsphere.privilege."));
    assert_eq!(warned, expected);
    assert_eq!(report.with(CheckStatus::Failed), Vec::<&str>::new());
    assert_eq!(report.with(CheckStatus::Skipped), Vec::<&str>::new());

    let clone = report.get("vsphere.privilege.VirtualMachine.Provisioning.Clone");
    assert!(!clone.required);
    assert!(clone.detail.starts_with("missing on 8 of 8 virtual machines ("), "{}", clone.detail);
    assert!(clone.detail.contains("and 3 more"), "{}", clone.detail);
    let remedy = clone.remedy.as_deref().unwrap();
    assert!(remedy.contains("add VirtualMachine.Provisioning.Clone") && remedy.contains("launch"), "{remedy}");
    let from_existing = report.get("vsphere.privilege.VirtualMachine.Inventory.CreateFromExisting");
    assert!(from_existing.detail.contains("addition: https://docs.vmware.com/"), "{}", from_existing.detail);
    let browse = report.get("vsphere.privilege.Datastore.Browse");
    assert!(browse.detail.contains("granted on 2 datastores; Files of machines"), "{}", browse.detail);
}

#[tokio::test]
async fn a_privilege_that_lacks_on_one_object_names_it_with_strict() {
    let vcsim = Vcsim::for_user("", &["-strict", "-dc", "2"]);
    let mut raw = Raw::log_in(&vcsim.url, "admin").await;
    let all: Vec<_> = ALL.iter().map(|it| it.id).collect();
    grant(&mut raw, "all", &all, ("Folder", "group-d1"), true).await;
    // A permission further down hides the one at the root.
    let answer = raw
        .call(
            "SearchIndex",
            "SearchIndex",
            "FindByInventoryPath",
            "<inventoryPath>/DC1/network/DC1_DVPG0</inventoryPath>",
        )
        .await;
    let network = answer.split("DistributedVirtualPortgroup\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    grant(&mut raw, "none", &["System.View"], ("DistributedVirtualPortgroup", &network), true).await;
    let report = report(&vcsim).await;
    let mut warned = report.with(CheckStatus::Warning);
    warned.retain(|it| it.starts_with("vsphere.privilege."));
    warned.retain(|it| !UNKNOWN.iter().any(|unknown| it.ends_with(unknown)));
    assert_eq!(warned, ["vsphere.privilege.Network.Assign"]);
    let check = report.get("vsphere.privilege.Network.Assign");
    assert!(check.detail.starts_with("missing on 1 of 6 networks (DC1_DVPG0)"), "{}", check.detail);
}

#[tokio::test]
async fn a_role_that_is_not_propagated_is_noticed_with_strict() {
    let vcsim = Vcsim::for_user("", &["-strict"]);
    let mut raw = Raw::log_in(&vcsim.url, "admin").await;
    let all: Vec<_> = ALL.iter().map(|it| it.id).collect();
    grant(&mut raw, "all", &all, ("Folder", "group-d1"), false).await;
    let report = report(&vcsim).await;
    for privilege in ALL {
        let status = match privilege.scope {
            _ if UNKNOWN.contains(&privilege.id) => CheckStatus::Warning,
            Entity::RootFolder => CheckStatus::Passed,
            // This vCenter has none.
            Entity::StoragePod => CheckStatus::Skipped,
            _ => CheckStatus::Warning,
        };
        assert_eq!(report.status(&format!("vsphere.privilege.{}", privilege.id)), status, "{}", privilege.id);
    }
}

/// Every id is one that a vCenter knows: the simulator's administrator has a vCenter's own list.
#[tokio::test]
async fn every_id_is_real() {
    let vcsim = Vcsim::for_user("", &[]);
    let mut raw = Raw::log_in(&vcsim.url, "admin").await;
    let spec = "<specSet><propSet><type>AuthorizationManager</type><pathSet>roleList</pathSet></propSet><objectSet>\
                <obj type=\"AuthorizationManager\">AuthorizationManager</obj></objectSet></specSet><options/>";
    let answer = raw.call("PropertyCollector", "propertyCollector", "RetrievePropertiesEx", spec).await;
    for privilege in ALL {
        assert!(answer.contains(&format!("<privilege>{}</privilege>", privilege.id)), "{}", privilege.id);
        assert!(!privilege.purpose.is_empty() && !privilege.operations.is_empty());
    }
}

/// The tables of the user guide, in their order: id, page, purpose, object, what fails.
#[test]
fn the_user_guide_lists_what_is_checked() {
    let guide = include_str!("../../../../docs/user/vsphere.md");
    let rows: Vec<&str> = guide.lines().filter(|it| it.starts_with("| `") || it.starts_with("| [`")).collect();
    let rows: Vec<&str> = rows.into_iter().filter(|it| it.split('|').count() == 6).collect();
    let expected = ALL.iter().map(|it| {
        let id = match it.addition {
            Some(page) => format!("[`{}`]({page})", it.id),
            None => format!("`{}`", it.id),
        };
        let object = match it.scope {
            Entity::Folder => "VM folder",
            Entity::VirtualMachine => "machine",
            other => other.as_str(),
        };
        format!("| {id} | {} | {object} | {} |", it.purpose, it.operations.join("; "))
    });
    assert_eq!(rows, expected.collect::<Vec<_>>());
}
