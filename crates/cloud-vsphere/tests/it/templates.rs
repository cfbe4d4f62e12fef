//! Templates that are made of servers, and what of a server must not be in them.

use cloud::{
    Cloud, CloudError,
    inventory::Noun,
    operation::{Operation, Progress},
    server::Order,
};
use uuid::Uuid;

use crate::{
    operation_responders::{ID, definition, definitions, machine_with, operate, sent, with_attributes},
    operations::Scene,
    responder::{answer, fault},
    server_responders::{Scene as Answers, failed, machine, order},
    support::list,
};

fn template(name: &str) -> Operation {
    Operation::CreateTemplate { name: name.to_owned(), folder: None, datastore: None }
}

/// The last of a key counts: the simulator keeps all.
fn entry<'a>(extra: &'a str, key: &str) -> Option<&'a str> {
    let value = extra.rsplit(&format!("<key>{key}</key>")).next().filter(|it| it.len() < extra.len())?;
    Some(value.split("</value>").next()?.rsplit('>').next().unwrap_or_default())
}

#[tokio::test]
async fn a_template_is_made_of_a_server_once() {
    let scene = Scene::start().await;
    let name = "golden <1>/50%";
    let made = scene.done(1, &template(name)).await.unwrap();
    assert!(made.starts_with("vm-") && made != scene.target.cloud_id, "{made}");
    // The answer was lost, or the vCenter forgot the task.
    let again = Progress::Done(Some(made.clone()));
    assert_eq!(scene.operate(1, &template(name), None).await.unwrap(), again);
    let forgotten = Order::new("task-99999".to_owned(), None);
    assert_eq!(scene.operate(1, &template(name), Some(&forgotten)).await.unwrap(), again);
    let text = scene.refused(&template(name)).await;
    assert!(text.starts_with("choose another name for the template: ") && text.contains(&made), "{text}");

    let lab = &scene.lab;
    let images = list(&lab.cloud, &lab.location, Noun::CloudImages).await;
    let image = images.iter().find(|it| it.cloud_id == made).unwrap();
    assert_eq!(image.name, name);
    assert_eq!(images.len(), 2, "once");
    // The server is the one machine that is ours, and goes on.
    let found = lab.found(&scene.spec).await;
    assert_eq!(found.cloud_id.as_ref(), Some(&scene.target.cloud_id));
    let extra = lab.properties(&made, "config.extraConfig").await;
    assert_eq!(entry(&extra, "stackyard.operation"), Some(Uuid::from_u128(1).to_string().as_str()), "{extra}");
    // A vCenter removes what has no value.
    for key in ["server", "phase", "farm"].map(|it| format!("stackyard.{it}")) {
        assert_eq!(entry(&extra, &key), Some(""), "{key}: {extra}");
    }
    for key in ["guestinfo.userdata", "guestinfo.userdata.encoding"] {
        assert_eq!(entry(&extra, key), Some(""), "{key}: {extra}");
    }
    let of_server = lab.properties(&scene.target.cloud_id, "config.extraConfig").await;
    assert_eq!(entry(&of_server, "stackyard.phase"), Some("ready"));

    // Others are launched from it.
    let mut other = lab.spec(2).await;
    other.image.clone_from(&made);
    lab.cloud.launch(&other).await.unwrap();
    lab.finish(&other, None).await;
    assert_ne!(lab.found(&other).await.cloud_id, Some(scene.target.cloud_id.clone()));
}

#[tokio::test]
async fn a_template_is_put_where_it_is_wanted() {
    let mut scene = Scene::start().await;
    let vm = scene.lab.resource(Noun::Folders, "vm").await.cloud_id;
    let answer = scene.raw.call("Folder", &vm, "CreateFolder", "<name>images</name>").await;
    let folder = answer.split("<returnval").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap();
    let datastore = scene.lab.resource(Noun::Datastores, "LocalDS_0").await.cloud_id;
    scene.done(1, &template("base")).await.unwrap();
    let elsewhere = Operation::CreateTemplate {
        name: "base".to_owned(),
        folder: Some(folder.to_owned()),
        datastore: Some(datastore),
    };
    let made = scene.done(2, &elsewhere).await.unwrap();
    let parent = scene.lab.properties(&made, "parent").await;
    assert!(parent.contains(&format!(">{folder}</val>")), "{parent}");
    let home = scene.lab.properties(&made, "config.files.vmPathName").await;
    assert!(home.contains("[LocalDS_0] base"), "{home}");
    let nowhere =
        Operation::CreateTemplate { name: "base".to_owned(), folder: Some("group-v4711".to_owned()), datastore: None };
    scene.operate(3, &nowhere, None).await.unwrap_err();
}

/// A vCenter copies them, which the simulator does not: another hand does it here.
#[tokio::test]
async fn the_attributes_of_the_server_are_emptied() {
    let mut scene = Scene::start().await;
    let made = scene.done(1, &template("base")).await.unwrap();
    let values = scene.lab.properties(&scene.target.cloud_id, "customValue").await;
    let key = values.split("<key>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let fields =
        format!("<entity type=\"VirtualMachine\">{made}</entity><key>{key}</key><value>a &lt;b&gt; &amp; c</value>");
    let answer = scene.raw.call("CustomFieldsManager", "CustomFieldsManager", "SetField", &fields).await;
    assert!(answer.contains("SetFieldResponse"), "{answer}");
    let n_values = async || scene.lab.properties(&made, "customValue").await.matches("<key>").count();
    assert_eq!(n_values().await, 1);
    for _ in 0..2 {
        let progress = scene.operate(1, &template("base"), None).await.unwrap();
        assert_eq!(progress, Progress::Done(Some(made.clone())));
    }
    // The simulator keeps the old value beside the new.
    assert_eq!(n_values().await, 2, "emptied, once");
    let values = scene.lab.properties(&made, "customValue").await;
    let last = values.rsplit("<key>").next().unwrap().split("</value>").next().unwrap();
    assert!(last.ends_with('>'), "{values}");
    let of_server = scene.lab.properties(&scene.target.cloud_id, "customValue").await;
    assert!(of_server.contains("a &lt;b&gt; &amp; c"), "{of_server}");
}

const PARENT: (&str, &str) = ("parent", "<val type=\"Folder\" xsi:type=\"ManagedObjectReference\">group-v3</val>");

/// In the order of the elements on which a vCenter insists, and with the entries of the server alone.
#[tokio::test]
async fn the_request_for_a_template_is_complete_responder() {
    let scene = Answers::default().with("VirtualMachine", &machine_with("poweredOn", &[PARENT]));
    let wanted = Operation::CreateTemplate {
        name: "a/b".to_owned(),
        folder: Some("group-v9".to_owned()),
        datastore: Some("datastore-<4>".to_owned()),
    };
    let progress = operate(&scene.start().await, &wanted, None).await.unwrap();
    assert!(matches!(progress, Progress::UnderWay(Some(_))), "{progress:?}");
    let entry = |key: &str, value: &str| {
        format!(
            "<extraConfig><key>stackyard.{key}</key><value xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
             xsi:type=\"xsd:string\">{value}</value></extraConfig>"
        )
    };
    let expected = format!(
        "<CloneVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-9</_this><folder type=\"Folder\">group-v9\
         </folder><name>a%2fb</name><spec><location><datastore type=\"Datastore\">datastore-&lt;4&gt;</datastore>\
         </location><template>true</template><config>{}{}{}</config><powerOn>false</powerOn></spec></CloneVM_Task>",
        entry("phase", ""),
        entry("server", ""),
        entry("operation", &ID.to_string())
    );
    assert_eq!(sent(&scene), expected);

    let in_vapp = Answers::default().with("VirtualMachine", &machine("poweredOn", "ready"));
    let err = operate(&in_vapp.start().await, &template("a"), None).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.ends_with("name a folder")), "{err:?}");
    assert_eq!(sent(&in_vapp), "");
}

/// A first request was sent, and its answer lost.
#[tokio::test]
async fn a_template_that_came_first_is_taken_responder() {
    let option = format!("<OptionValue><key>stackyard.operation</key><value>{ID}</value></OptionValue></val>");
    let ours = machine_with("poweredOff", &[]).replace("</OptionValue></val>", &format!("</OptionValue>{option}"));
    let ours = ours.replace("</objects>", &format!("<propSet><name>parent</name>{}</propSet></objects>", PARENT.1));
    let taken = Answers::default()
        .with("Task", &failed("DuplicateName", "The name 'base' already exists."))
        .reply("FindChild", || answer("FindChild", "<returnval type=\"VirtualMachine\">vm-9</returnval>"));
    let scene = taken.clone().with("VirtualMachine", &ours);
    let progress = operate(&scene.start().await, &template("base"), Some(&order())).await.unwrap();
    assert_eq!(progress, Progress::Done(Some("vm-9".to_owned())));
    let other = taken.clone().with("VirtualMachine", &machine_with("poweredOff", &[PARENT]));
    let err = operate(&other.start().await, &template("base"), Some(&order())).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.contains("another name")), "{err:?}");
    // A folder has the name.
    let folder = scene.reply("FindChild", || answer("FindChild", "<returnval type=\"Folder\">group-v5</returnval>"));
    let err = operate(&folder.start().await, &template("base"), None).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.contains("group-v5")), "{err:?}");
    assert_eq!(sent(&folder), "");

    let failed = taken.with("VirtualMachine", &ours).with("Task", &failed("NoDiskSpace", "ds1 is full."));
    let progress = operate(&failed.start().await, &template("base"), Some(&order())).await.unwrap();
    let Progress::Failed { message } = progress else { panic!("{progress:?}") };
    assert!(message.starts_with("ds1 is full (NoDiskSpace) [CloneVM_Task at "), "{message}");
}

#[tokio::test]
async fn attributes_that_may_not_be_emptied_stay_responder() {
    let values = "<val xsi:type=\"ArrayOfCustomFieldValue\"><CustomFieldValue xsi:type=\"CustomFieldStringValue\">\
                  <key>7</key><value>one</value></CustomFieldValue></val>";
    let mine = format!(
        "<OptionValue><key>stackyard.a</key><value>one</value></OptionValue><OptionValue>\
                        <key>stackyard.operation</key><value>{ID}</value></OptionValue></val>"
    );
    let found = machine_with("poweredOff", &[PARENT, ("customValue", values)])
        .replace("</OptionValue></val>", &format!("</OptionValue>{mine}"));
    let scene = Answers::default()
        .with("VirtualMachine", &found)
        .with("CustomFieldsManager", &definitions(&definition(7, "a", "VirtualMachine")))
        .reply("RetrieveServiceContent", with_attributes)
        .reply("FindChild", || answer("FindChild", "<returnval type=\"VirtualMachine\">vm-9</returnval>"));
    let denied = scene.clone().reply("SetField", || fault("NoPermission", "Permission was denied.", ""));
    let responder = denied.start().await;
    let progress = operate(&responder, &template("base"), None).await.unwrap();
    assert_eq!((progress, responder.count("SetField")), (Progress::Done(Some("vm-9".to_owned())), 1));
    // Anything else is tried again.
    let broken = scene.reply("SetField", || fault("SystemError", "What?", ""));
    let err = operate(&broken.start().await, &template("base"), None).await.unwrap_err();
    assert!(matches!(err, CloudError::Service { .. }), "{err:?}");
}
