//! Behaviour that the simulator does not have.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cloud::{
    Cloud, CloudError, LocationId,
    check::CheckStatus,
    inventory::{Machine, Noun, Page},
};
use futures_util::TryStreamExt;

use crate::{
    responder::{Reply, Responder, answer, envelope, fault, service_content, vcenter},
    support::{PASSWORD, Report, config, connect, list, machines},
};

fn location() -> LocationId {
    LocationId("datacenter-2@u-1".to_owned())
}

/// What `locations` says when a method is answered like this.
async fn failure(method: &'static str, reply: impl Fn() -> Reply + Send + Sync + 'static) -> (CloudError, Responder) {
    let responder = Responder::start(move |called, _| if called == method { reply() } else { vcenter(called) }).await;
    let err = connect(config(&responder.url, &[])).locations().await.unwrap_err();
    (err, responder)
}

fn assert_service(err: &CloudError, text: &str) {
    assert!(matches!(err, CloudError::Service { .. }) && err.to_string().contains(text), "{text}: {err:?}");
}

#[tokio::test]
async fn a_soap_fault_is_told_in_the_words_of_the_vcenter_responder() {
    let (err, _) = failure("RetrievePropertiesEx", || fault("SystemError", "A general error occurred.", "")).await;
    assert_service(&err, "A general error occurred (SystemError) [RetrievePropertiesEx at http://127.0.0.1:");
    assert!(err.to_string().contains("opID stackyard-"), "{err}");
    let missing = "<object type=\"Folder\">group-d1</object><privilegeId>System.View</privilegeId>";
    let (err, _) = failure("RetrievePropertiesEx", move || fault("NoPermission", "Permission denied.", missing)).await;
    assert!(matches!(err, CloudError::Forbidden(_)), "{err:?}");
    assert!(err.to_string().contains("privilege System.View, object group-d1"), "{err}");
    // As vSphere 7.0.3 and later write it.
    let missing = "<missingPrivileges><entity type=\"Folder\">group-d1</entity><privilegeIds>System.Read</privilegeIds>\
                   </missingPrivileges>";
    let (err, _) = failure("RetrievePropertiesEx", move || fault("NoPermission", "Permission denied.", missing)).await;
    assert!(err.to_string().contains("privilege System.Read"), "{err}");
}

#[tokio::test]
async fn what_is_no_soap_is_told_responder() {
    let text = |status, text: &'static str| move || Reply::Text(status, text.to_owned());
    let (err, _) = failure("RetrieveServiceContent", text(200, "<!DOCTYPE html><html><body>hi</body></html>")).await;
    assert_service(&err, "document type (an HTML page?)");
    let (err, _) = failure("RetrieveServiceContent", text(200, "<html><body>hi</body></html>")).await;
    assert_service(&err, "it is no SOAP but begins with <html>");
    let (err, _) = failure("RetrieveServiceContent", text(200, "hello")).await;
    assert_service(&err, "it ends in the middle");
    let (err, _) = failure("RetrieveServiceContent", text(200, "")).await;
    assert_service(&err, "it ends in the middle");
    let (err, _) = failure("RetrieveServiceContent", text(200, "<Envelope><Body><a></b></a>")).await;
    assert_service(&err, "<a> ends with </b>");
    let (err, _) = failure("RetrieveServiceContent", text(200, "<Envelope><Body></Body></Envelope>")).await;
    assert_service(&err, "empty envelope");
    let (err, _) = failure("RetrieveServiceContent", text(404, "<h1>Not here</h1>")).await;
    assert_service(&err, "HTTP 404: \"<h1>Not here</h1>\"");
    let (err, _) = failure("Login", text(500, "<h1>proxy error</h1>")).await;
    assert_service(&err, "HTTP 500");
    let (err, _) = failure("RetrieveServiceContent", || answer("RetrieveServiceContent", "<returnval/>")).await;
    assert_service(&err, "does not say what this service is");
    let entity = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><Envelope><Body><XResponse>&a;</XResponse></Body></Envelope>";
    let (err, _) = failure("RetrieveServiceContent", text(200, entity)).await;
    assert_service(&err, "document type");
    let (err, _) = failure("RetrieveServiceContent", || Reply::Text(200, "<a>".repeat(100_000))).await;
    assert_service(&err, "it is no SOAP");
    let deep = || Reply::Text(200, format!("<Envelope><Body>{}", "<a>".repeat(100_000)));
    let (err, _) = failure("RetrieveServiceContent", deep).await;
    assert_service(&err, "nested more than 200 deep");
}

#[tokio::test]
async fn an_answer_without_end_is_given_up_responder() {
    const HUNDRED_MB: usize = 100 << 20;
    let (err, responder) = failure("RetrieveServiceContent", || Reply::Long(envelope(""), HUNDRED_MB)).await;
    assert!(matches!(err, CloudError::Service { .. }), "{err:?}");
    assert!(responder.n_bytes() < 20 << 20, "{} bytes were read", responder.n_bytes());
    // One text of 100 MB inside a list, which has no such limit of its own.
    let beginning = "<Envelope><Body><XResponse><returnval><objects><obj>".to_owned();
    let reply = move || Reply::Long(beginning.clone(), HUNDRED_MB);
    let (err, responder) = failure("RetrievePropertiesEx", reply).await;
    assert_service(&err, "a single tag or text is longer than");
    assert!(responder.n_bytes() < 20 << 20, "{} bytes were read", responder.n_bytes());
}

/// The driver waits 30 s for the next byte; the report gives up earlier.
#[tokio::test]
async fn silence_is_told_responder() {
    let responder = Responder::start(|method, _| match method {
        "Login" => Reply::Silence,
        _ => vcenter(method),
    })
    .await;
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let cloud = connect(config(&responder.url, &[]));
    cloud.validate(&cloud::check::Reporter::new(sender, std::time::Duration::from_secs(1))).await;
    let mut checks = Vec::new();
    while let Ok(check) = receiver.try_recv() {
        checks.push(check);
    }
    let report = Report(checks);
    assert_eq!(report.with(CheckStatus::Failed), ["vsphere.login"]);
    assert!(report.get("vsphere.login").detail.contains("when the 1 s for all checks were over"));
    assert_eq!(report.status("vsphere.inventory"), CheckStatus::Skipped);
}

#[tokio::test]
async fn a_session_that_is_never_valid_ends_with_an_error_responder() {
    let reply = || fault("NotAuthenticated", "The session is not authenticated.", "");
    let (err, responder) = failure("CreateContainerView", reply).await;
    assert_service(&err, "NotAuthenticated");
    assert_eq!((responder.count("Login"), responder.count("CreateContainerView")), (2, 2));
    let (err, responder) = failure("RetrievePropertiesEx", reply).await;
    assert_service(&err, "NotAuthenticated");
    assert_eq!((responder.count("Login"), responder.count("RetrievePropertiesEx")), (2, 2));
}

#[tokio::test]
async fn refused_logins_are_told_apart_responder() {
    let text = "Cannot complete login due to an incorrect user name or password.";
    let (err, _) = failure("Login", move || fault("InvalidLogin", text, "")).await;
    assert!(matches!(err, CloudError::Unauthorized(_)) && err.to_string().contains("incorrect user name"), "{err:?}");
    assert!(!format!("{err:?}").contains(PASSWORD));
    let (err, _) = failure("Login", || fault("InvalidLogin", "User account is locked.", "")).await;
    assert!(matches!(err, CloudError::Unauthorized(_)) && err.to_string().contains("account is locked"), "{err:?}");
    let missing = "<object type=\"Folder\">group-d1</object><privilegeId>System.View</privilegeId>";
    let (err, responder) = failure("Login", move || fault("NoPermission", "No permission.", missing)).await;
    assert!(matches!(err, CloudError::Unauthorized(_)) && err.to_string().contains("has no role"), "{err:?}");
    let report = Report::of(&connect(config(&responder.url, &[]))).await;
    assert_eq!(report.with(CheckStatus::Failed), ["vsphere.login"]);
    assert!(report.get("vsphere.login").remedy.as_deref().unwrap().contains("role on the root folder"));
}

#[tokio::test]
async fn too_many_sessions_are_told_responder() {
    let (err, responder) = failure("Login", || Reply::Text(503, "Service Unavailable".to_owned())).await;
    assert_service(&err, "HTTP 503, the vCenter is not ready or has too many sessions");
    assert_eq!(responder.count("Login"), 1, "a login is not repeated by itself");
    let text = "The maximum number of sessions has been reached";
    let (err, responder) = failure("Login", move || fault("SystemError", text, "")).await;
    assert_service(&err, "too many sessions: The maximum number of sessions has been reached");
    let report = Report::of(&connect(config(&responder.url, &[]))).await;
    assert!(report.get("vsphere.login").remedy.as_deref().unwrap().contains("end idle sessions"));
}

#[tokio::test]
async fn hosts_and_old_versions_are_refused_responder() {
    let (err, responder) = failure("RetrieveServiceContent", || service_content("HostAgent", "8.0.3.0")).await;
    assert!(matches!(&err, CloudError::Unsupported(text) if text.contains("an ESXi host")), "{err:?}");
    assert_eq!(responder.count("Login"), 0, "the password is not sent there");
    let (err, _) = failure("RetrieveServiceContent", || service_content("VirtualCenter", "5.5")).await;
    assert!(matches!(&err, CloudError::Unsupported(text) if text.contains("speaks API 5.5")), "{err:?}");
}

fn machine(id: &str, name: &str, more: &str) -> String {
    format!(
        "<objects><obj type=\"VirtualMachine\">{id}</obj><propSet><name>name</name><val xsi:type=\"xsd:string\">{name}\
         </val></propSet>{more}</objects>"
    )
}

/// A vCenter whose machines are these; `hosts` and `named` answer the other two questions.
async fn with_machines(
    objects: String,
    hosts: String,
    named: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> Responder {
    Responder::start(move |method, body| {
        let list = |objects: &str| answer(method, &format!("<returnval>{objects}</returnval>"));
        match method {
            "RetrievePropertiesEx" if body.contains("<type>HostSystem</type>") => list(&hosts),
            "RetrievePropertiesEx" if body.contains("<type>ClusterComputeResource</type>") => list(""),
            "RetrievePropertiesEx" if body.contains("ContainerView") => list(&objects),
            "RetrievePropertiesEx" => named(body),
            _ => vcenter(method),
        }
    })
    .await
}

#[tokio::test]
async fn hostile_and_long_names_arrive_unchanged_responder() {
    let names = [
        "x".repeat(255),
        "ü".repeat(255),
        "名前".repeat(100),
        "<script>alert(1)</script>".to_owned(),
        "a&b\"c'd".to_owned(),
        "\u{feff}mark".to_owned(),
        "a/b\\c%d".to_owned(),
        "]]>&amp;".to_owned(),
        "'; DROP TABLE servers; --".to_owned(),
        "e\u{301} 🦀 \u{202e}rtl".to_owned(),
        " spaces  inside ".to_owned(),
    ];
    let escape = |name: &String| {
        let name = name.replace('%', "%25").replace('/', "%2f").replace('\\', "%5c");
        name.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('\'', "&#39;")
            .replace('🦀', "&#x1F980;")
    };
    let objects = names.iter().enumerate().map(|(i, name)| machine(&format!("vm-{i}"), &escape(name), "")).collect();
    let responder = with_machines(objects, String::new(), |_| Reply::Text(500, String::new())).await;
    let found = machines(&connect(config(&responder.url, &[])), &location()).await;
    assert_eq!(found.into_iter().map(|it| it.name).collect::<Vec<_>>(), names);
}

#[tokio::test]
async fn addresses_of_bridges_inside_a_machine_are_marked_responder() {
    let guest = "<propSet><name>guest.net</name><val xsi:type=\"ArrayOfGuestNicInfo\"><GuestNicInfo><network>VM Network\
                 </network><ipAddress>10.1.2.3</ipAddress><ipAddress>fe80::1%2</ipAddress><ipAddress>nonsense\
                 </ipAddress><deviceConfigId>4000</deviceConfigId></GuestNicInfo><GuestNicInfo><ipAddress>172.17.0.1\
                 </ipAddress><deviceConfigId>-1</deviceConfigId></GuestNicInfo></val></propSet>\
                 <propSet><name>guest.ipAddress</name><val>172.17.0.1</val></propSet>";
    let old_tools = "<propSet><name>guest.ipAddress</name><val>10.9.9.9</val></propSet>\
                     <propSet><name>config.createDate</name><val>1970-01-01T00:00:00Z</val></propSet>";
    let newer = "<propSet><name>config.createDate</name><val>2024-05-06T07:08:09.123456Z</val></propSet>\
                 <propSet><name>runtime.powerState</name><val>suspended</val></propSet>";
    let objects = [machine("vm-1", "a", guest), machine("vm-2", "b", old_tools), machine("vm-3", "c", newer)].concat();
    let responder = with_machines(objects, String::new(), |_| Reply::Text(500, String::new())).await;
    let found = machines(&connect(config(&responder.url, &[])), &location()).await;
    let told = |machine: &Machine| {
        machine.addresses.iter().map(|it| (it.ip.to_string(), it.own_card, it.network.clone())).collect::<Vec<_>>()
    };
    let network = Some("VM Network".to_owned());
    assert_eq!(
        told(&found[0]),
        [
            ("10.1.2.3".to_owned(), true, network.clone()),
            ("fe80::1".to_owned(), true, network),
            ("172.17.0.1".to_owned(), false, None)
        ]
    );
    assert_eq!(told(&found[1]), [("10.9.9.9".to_owned(), true, None)]);
    assert_eq!(found[1].created_at, None, "a vCenter writes 1970 where it does not know");
    assert_eq!(found[2].created_at.unwrap().to_string(), "2024-05-06T07:08:09.123456Z");
    assert_eq!(found[2].power_state, cloud::inventory::PowerState::Suspended);
    assert!(told(&found[2]).is_empty());
}

async fn hidden(responder: &Responder) -> Option<cloud::inventory::Hidden> {
    let cloud = connect(config(&responder.url, &[]));
    let at = location();
    let pages: Vec<Page<Machine>> = cloud.machines(&at).try_collect().await.unwrap();
    assert!(pages[..pages.len() - 1].iter().all(|it| it.hidden.is_none()));
    pages.last().unwrap().hidden.clone()
}

fn host(machines: &[&str]) -> String {
    let machines = machines
        .iter()
        .map(|it| format!("<ManagedObjectReference type=\"VirtualMachine\">{it}</ManagedObjectReference>"));
    format!(
        "<objects><obj type=\"HostSystem\">host-1</obj><propSet><name>vm</name><val \
         xsi:type=\"ArrayOfManagedObjectReference\">{}</val></propSet></objects>",
        machines.collect::<String>()
    )
}

#[tokio::test]
async fn machines_are_hidden_only_where_that_is_proved_responder() {
    let objects = || machine("vm-1", "seen", "");
    let refused = |body: &str| {
        let id = if body.contains("vm-2<") { "vm-2" } else { "vm-3" };
        answer(
            "RetrievePropertiesEx",
            &format!(
                "<returnval><objects><obj type=\"VirtualMachine\">{id}</obj><missingSet><path>name</path><fault><fault \
                 xsi:type=\"NoPermission\"><object type=\"VirtualMachine\">{id}</object><privilegeId>System.View\
                 </privilegeId></fault><localizedMessage>no</localizedMessage></fault></missingSet></objects></returnval>"
            ),
        )
    };
    let responder = with_machines(objects(), host(&["vm-1", "vm-2", "vm-3"]), refused).await;
    let found = hidden(&responder).await.unwrap();
    assert_eq!(found.count, 2);
    assert!(found.evidence.contains("2 machines that are not listed; of 2 asked for, 2 may not be read"), "{found:?}");

    // Gone since the list was read.
    let gone = |_: &str| fault("ManagedObjectNotFound", "The object has already been deleted", "");
    let responder = with_machines(objects(), host(&["vm-1", "vm-2"]), gone).await;
    assert_eq!(hidden(&responder).await, None);
    // Made since the list was read.
    let readable =
        |_: &str| answer("RetrievePropertiesEx", &format!("<returnval>{}</returnval>", machine("vm-2", "n", "")));
    let responder = with_machines(objects(), host(&["vm-1", "vm-2"]), readable).await;
    assert_eq!(hidden(&responder).await, None);
    let responder = with_machines(objects(), host(&["vm-1"]), gone).await;
    assert_eq!(hidden(&responder).await, None);
}

#[tokio::test]
async fn a_cluster_that_counts_more_machines_than_are_listed_proves_hidden_ones_responder() {
    let responder = Responder::start(|method, body| {
        let list = |objects: &str| answer(method, &format!("<returnval>{objects}</returnval>"));
        match method {
            "RetrievePropertiesEx" if body.contains("<type>HostSystem</type>") => list(""),
            "RetrievePropertiesEx" if body.contains("<type>ClusterComputeResource</type>") => list(
                "<objects><obj type=\"ClusterComputeResource\">domain-c1</obj><propSet><name>summary</name><val>\
                 <usageSummary><totalVmCount>12</totalVmCount></usageSummary></val></propSet></objects>",
            ),
            "RetrievePropertiesEx" => list(&[machine("vm-1", "a", ""), machine("vm-2", "b", "")].concat()),
            _ => vcenter(method),
        }
    })
    .await;
    let found = hidden(&responder).await.unwrap();
    assert_eq!(
        (found.count, found.evidence.as_str()),
        (10, "1 clusters count 12 machines and templates, 2 are listed")
    );
}

/// A machine is made between the list and the question.
#[tokio::test]
async fn a_machine_that_was_made_meanwhile_is_not_hidden_responder() {
    let n_lists = AtomicUsize::new(0);
    let responder = Responder::start(move |method, body| {
        let list = |objects: &str| answer(method, &format!("<returnval>{objects}</returnval>"));
        match method {
            "RetrievePropertiesEx" if body.contains("<type>HostSystem</type>") => list(""),
            "RetrievePropertiesEx" if body.contains("<type>ClusterComputeResource</type>") => list(
                "<objects><obj type=\"ClusterComputeResource\">domain-c1</obj><propSet><name>summary</name><val>\
                 <usageSummary><totalVmCount>2</totalVmCount></usageSummary></val></propSet></objects>",
            ),
            "RetrievePropertiesEx" => match n_lists.fetch_add(1, Ordering::SeqCst) {
                0 => list(&machine("vm-1", "a", "")),
                _ => list(&[machine("vm-1", "a", ""), machine("vm-2", "b", "")].concat()),
            },
            _ => vcenter(method),
        }
    })
    .await;
    assert_eq!(hidden(&responder).await, None);
}

#[tokio::test]
async fn a_list_without_end_is_given_up_responder() {
    let n = AtomicUsize::new(0);
    let page = move |method: &str| {
        let id = n.fetch_add(1, Ordering::SeqCst);
        answer(method, &format!("<returnval><token>t</token>{}</returnval>", machine(&format!("vm-{id}"), "n", "")))
    };
    let responder = Responder::start(move |method, body| match method {
        "RetrievePropertiesEx" if body.contains("<type>VirtualMachine</type>") => page(method),
        "ContinueRetrievePropertiesEx" => page(method),
        _ => vcenter(method),
    })
    .await;
    let cloud = connect(config(&responder.url, &[]));
    let at = location();
    let pages: Result<Vec<Page<Machine>>, _> = cloud.machines(&at).try_collect().await;
    assert_service(&pages.unwrap_err(), "the list of VirtualMachine does not end");
    assert_eq!(responder.count("ContinueRetrievePropertiesEx"), 2000);
}

/// A vCenter may page an answer that was not asked to be paged, and end a session in the middle of it.
#[tokio::test]
async fn objects_asked_for_by_reference_arrive_however_they_are_paged_responder() {
    let template = |id: &str| machine(id, id, "<propSet><name>config.template</name><val>true</val></propSet>");
    let lost = "<objects><obj type=\"VirtualMachine\">vm-2</obj><missingSet><path>name</path><fault><fault \
                xsi:type=\"NotAuthenticated\"/></fault></missingSet></objects>";
    let n_continued = AtomicUsize::new(0);
    let responder = Responder::start(move |method, body| {
        let list = |objects: &str| answer(method, &format!("<returnval>{objects}</returnval>"));
        match method {
            "RetrievePropertiesEx" if body.contains("ContainerView") => {
                list(&[template("vm-1"), template("vm-2")].concat())
            }
            "RetrievePropertiesEx" => list(&format!("<token>more</token>{}", template("vm-1"))),
            "ContinueRetrievePropertiesEx" => match n_continued.fetch_add(1, Ordering::SeqCst) {
                0 => list(lost),
                _ => list(&template("vm-2")),
            },
            _ => vcenter(method),
        }
    })
    .await;
    let images = list(&connect(config(&responder.url, &[])), &location(), Noun::CloudImages).await;
    assert_eq!(images.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["vm-1", "vm-2"]);
    assert_eq!(responder.count("Login"), 2);
}

#[tokio::test]
async fn one_list_that_fails_hides_nothing_of_the_others_responder() {
    let responder = Responder::start(|method, body| {
        let list = |objects: &str| answer(method, &format!("<returnval>{objects}</returnval>"));
        let store = "<objects><obj type=\"Datastore\">datastore-1</obj><propSet><name>name</name><val>one</val></propSet></objects>";
        match method {
            "RetrievePropertiesEx" if body.contains("<type>VirtualMachine</type>") => fault("SystemError", "broken", ""),
            "RetrievePropertiesEx" if body.contains("<type>Datastore</type>") => list(store),
            "RetrievePropertiesEx" if body.contains("<type>Datacenter</type>") => vcenter(method),
            "RetrievePropertiesEx" => list(""),
            "HasPrivilegeOnEntities" => answer(method, ""),
            _ => vcenter(method),
        }
    })
    .await;
    let report = Report::of(&connect(config(&responder.url, &[]))).await;
    assert_eq!(report.status("vsphere.inventory.machines"), CheckStatus::Warning);
    assert!(report.get("vsphere.inventory.machines").detail.contains("broken"));
    assert_eq!(report.get("vsphere.inventory.datastores").detail, "1 datastores seen");
    let asked = report.get("vsphere.privilege.Datastore.AllocateSpace");
    assert_eq!(asked.status, CheckStatus::Warning);
    assert!(asked.detail.contains("missing on 1 of 1 datastore (one)"), "{asked:?}");
    let skipped = report.get("vsphere.privilege.VirtualMachine.Interact.PowerOn");
    assert_eq!(skipped.status, CheckStatus::Skipped);
    assert!(skipped.detail.contains("vsphere.inventory.machines did not pass"), "{skipped:?}");
}

#[tokio::test]
async fn names_are_not_endless_responder() {
    let long = || Reply::Text(200, format!("<Envelope><Body><{}>", "a".repeat(2000)));
    let (err, _) = failure("RetrieveServiceContent", long).await;
    assert_service(&err, "a name is longer than 1024 bytes");
}

/// A property that may not be read is absent, and the object is still listed.
#[tokio::test]
async fn a_missing_set_hides_a_property_and_not_the_object_responder() {
    let responder = Responder::start(|method, body| match method {
        "RetrievePropertiesEx" if body.contains("<type>Datastore</type>") => answer(
            method,
            "<returnval><objects><obj type=\"Datastore\">datastore-1</obj><propSet><name>name</name><val>one</val>\
             </propSet><missingSet><path>summary</path><fault><fault xsi:type=\"NoPermission\"/></fault></missingSet>\
             </objects><objects><obj type=\"Datastore\">datastore-2</obj><missingSet><path>name</path><fault>\
             <fault xsi:type=\"NoPermission\"/></fault></missingSet></objects></returnval>",
        ),
        _ => vcenter(method),
    })
    .await;
    let stores = list(&connect(config(&responder.url, &[])), &location(), Noun::Datastores).await;
    let told: Vec<_> = stores.iter().map(|it| (it.name.as_str(), it.capacity_bytes)).collect();
    assert_eq!(told, [("one", None), ("datastore-2", None)]);
}

/// The simulator marks its uplinks in neither of the two ways, and has no networks of NSX by itself.
#[tokio::test]
async fn uplinks_vlans_and_nsx_networks_are_told_responder() {
    let responder = Responder::start(|method, body| {
        let object = |kind: &str, id: &str, properties: &[(&str, &str)]| {
            let sets = properties
                .iter()
                .map(|(name, value)| format!("<propSet><name>{name}</name><val>{value}</val></propSet>"));
            let sets: String = sets.collect();
            format!("<objects><obj type=\"{kind}\">{id}</obj>{sets}</objects>")
        };
        let group = |id: &str, vlan: &str, more: &[(&str, &str)]| {
            let vlan = format!("<vlan xsi:type=\"VmwareDistributedVirtualSwitch{vlan}</vlan>");
            let common = [
                ("name", id),
                ("config.distributedVirtualSwitch", "dvs-1"),
                ("config.defaultPortConfig", vlan.as_str()),
            ];
            object("DistributedVirtualPortgroup", id, &[&common[..], more].concat())
        };
        let is = |kind: &str| method == "RetrievePropertiesEx" && body.contains(&format!("<type>{kind}</type><all>"));
        let objects = if is("DistributedVirtualSwitch") {
            let uplinks = "<ManagedObjectReference type=\"DistributedVirtualPortgroup\">pg-2</ManagedObjectReference>";
            object("DistributedVirtualSwitch", "dvs-1", &[("name", "switch"), ("config.uplinkPortgroup", uplinks)])
        } else if is("DistributedVirtualPortgroup") {
            let tag = "<Tag><key>SYSTEM/DVS.UPLINKPG</key></Tag>";
            let trunk = "TrunkVlanSpec\"><vlanId><start>0</start><end>9</end></vlanId><vlanId><start>20</start><end>29\
                         </end></vlanId>";
            [
                group("pg-1", "VlanIdSpec\"><vlanId>42</vlanId>", &[("tag", "")]),
                group("pg-2", trunk, &[]),
                group("pg-3", "PvlanSpec\"><pvlanId>7</pvlanId>", &[("tag", tag)]),
            ]
            .concat()
        } else if is("OpaqueNetwork") {
            let summary = "<accessible>true</accessible><opaqueNetworkId>nsx-1</opaqueNetworkId>";
            object("OpaqueNetwork", "o-1", &[("name", "segment"), ("summary", summary)])
        } else if is("Network") {
            // Derived types come along.
            let standard = object("Network", "n-1", &[("name", "VM Network"), ("summary.accessible", "true")]);
            [standard, object("OpaqueNetwork", "o-1", &[]), object("DistributedVirtualPortgroup", "pg-1", &[])].concat()
        } else {
            return vcenter(method);
        };
        answer(method, &format!("<returnval>{objects}</returnval>"))
    })
    .await;
    let networks = list(&connect(config(&responder.url, &[])), &location(), Noun::Networks).await;
    let told: Vec<_> = networks
        .iter()
        .map(|it| {
            let attribute = |name: &str| it.attributes[name].to_string();
            format!("{} {} {} {}", it.cloud_id, attribute("kind"), attribute("vlan"), attribute("isUplink"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "n-1 \"standard\" null false",
            "pg-1 \"distributed\" {\"id\":42} false",
            "pg-2 \"distributed\" {\"trunk\":[\"0-9\",\"20-29\"]} true",
            "pg-3 \"distributed\" {\"privateId\":7} true",
            "o-1 \"opaque\" null false",
        ]
    );
    assert_eq!(networks[1].attributes["switch"], serde_json::json!({"id": "dvs-1", "name": "switch"}));
    assert_eq!(networks[4].attributes["key"], "nsx-1");
}

#[tokio::test]
async fn the_version_that_both_know_is_spoken_responder() {
    let actions = Arc::new(AtomicUsize::new(0));
    let n = actions.clone();
    let responder = Responder::start(move |method, body| match method {
        "/sdk/vimServiceVersions.xml" => Reply::Text(
            200,
            "<namespaces version=\"1.0\"><namespace><name>urn:vim25</name><version>6.5</version><priorVersions>\
             <version>6.0</version></priorVersions></namespace></namespaces>"
                .to_owned(),
        ),
        "RetrievePropertiesEx" if body.contains("config.createDate") => {
            n.fetch_add(1, Ordering::Relaxed);
            fault("InvalidProperty", "config.createDate", "")
        }
        "RetrievePropertiesEx" => answer(method, "<returnval/>"),
        _ => vcenter(method),
    })
    .await;
    assert!(machines(&connect(config(&responder.url, &[])), &location()).await.is_empty());
    assert_eq!(actions.load(Ordering::Relaxed), 0, "6.5 does not know config.createDate");
}

/// A vCenter refuses the whole question when one privilege is unknown to it.
#[tokio::test]
async fn a_privilege_that_a_version_does_not_know_is_told_apart_responder() {
    let responder = Responder::start(|method, body| match method {
        "HasPrivilegeOnEntities" if body.contains("StorageProfile.View") => {
            fault("InvalidArgument", "A specified parameter was not correct: privId", "")
        }
        "HasPrivilegeOnEntities" => {
            let ids = body.split("<privId>").skip(1).map(|it| it.split('<').next().unwrap());
            let ids: String = ids
                .map(|id| {
                    format!("<privAvailability><privId>{id}</privId><isGranted>true</isGranted></privAvailability>")
                })
                .collect();
            let entity = body.split("<entity type=\"").nth(1).unwrap();
            let entity = entity.split('>').nth(1).unwrap().split('<').next().unwrap();
            answer(method, &format!("<returnval><entity type=\"Folder\">{entity}</entity>{ids}</returnval>"))
        }
        "CurrentTime" => answer(method, "<returnval>2020-01-01T00:00:00Z</returnval>"),
        _ => vcenter(method),
    })
    .await;
    let report = Report::of(&connect(config(&responder.url, &[]))).await;
    let unknown = report.get("vsphere.privilege.StorageProfile.View");
    assert_eq!(unknown.status, CheckStatus::Warning);
    assert!(unknown.detail.contains("does not know StorageProfile.View"), "{unknown:?}");
    assert_eq!(report.status("vsphere.privilege.Global.Diagnostics"), CheckStatus::Passed);
    let clock = report.get("vsphere.clock");
    assert_eq!(clock.status, CheckStatus::Warning);
    assert!(clock.remedy.as_deref().unwrap().contains("NTP"));
}
