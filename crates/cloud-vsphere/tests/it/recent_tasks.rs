use cloud::{
    Cloud, CloudError, LocationId,
    task::{CloudTask, TaskState},
};
use cloud_vsphere::Vsphere;

use crate::{
    responder::answer,
    server_responders::{Scene, info, location, object, recent_tasks},
    support::{Raw, USER, Vcsim, config, connect, machines},
};

async fn cancel(scene: &Scene) -> Result<CloudTask, CloudError> {
    connect(config(&scene.start().await.url, &[])).cancel_task(&location(), "task-1").await
}

async fn named(cloud: &Vsphere, at: &LocationId, name: &str) -> Vec<CloudTask> {
    cloud.tasks(at).await.unwrap().into_iter().filter(|it| it.name == name).collect()
}

#[tokio::test]
async fn tasks_of_a_datacenter_the_last_first() {
    let vcsim = Vcsim::start(&["-dc", "2", "-vm", "2"]);
    let cloud = connect(config(&vcsim.url, &[]));
    let [here, there] = cloud.locations().await.unwrap().try_into().unwrap();
    let machine = machines(&cloud, &here.id).await.remove(0);
    let mut raw = Raw::log_in(&vcsim.url, USER).await;
    raw.call("VirtualMachine", &machine.cloud_id, "PowerOffVM_Task", "").await;
    let all = cloud.tasks(&here.id).await.unwrap();
    assert!(all.len() > 2 && all.is_sorted_by(|one, next| one.queued_at >= next.queued_at), "{all:?}");
    let newest = &all[0];
    let object = newest.object.as_ref().unwrap();
    assert_eq!((newest.name.as_str(), newest.state), ("VirtualMachine.powerOff", TaskState::Succeeded));
    assert_eq!((object.kind.as_str(), object.id.as_str()), ("VirtualMachine", machine.cloud_id.as_str()));
    // The simulator names itself as who asked.
    assert_eq!((newest.user.as_deref(), newest.error.as_deref()), (Some("vcsim"), None));
    assert!(newest.started_at.is_some() && newest.ended_at.is_some(), "{newest:?}");
    assert_eq!(named(&cloud, &there.id, "VirtualMachine.powerOff").await, []);

    // It failed: it is off already.
    raw.call("VirtualMachine", &machine.cloud_id, "PowerOffVM_Task", "").await;
    let failed = &named(&cloud, &here.id, "VirtualMachine.powerOff").await[0];
    assert_eq!(failed.state, TaskState::Failed);
    assert!(failed.error.as_deref().unwrap().contains("(InvalidPowerState)"), "{failed:?}");
    let err = cloud.cancel_task(&here.id, &failed.id).await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("has ended: it failed")), "{err:?}");
    let err = cloud.cancel_task(&here.id, "task-0").await.unwrap_err();
    assert!(matches!(err, CloudError::NotFound(_)), "{err:?}");

    // Where a machine was that is gone, nobody knows.
    raw.call("VirtualMachine", &machine.cloud_id, "Destroy_Task", "").await;
    for location in [&here.id, &there.id] {
        let gone = named(&cloud, location, "VirtualMachine.powerOff").await;
        assert_eq!(gone.len(), 2, "{location}: {gone:?}");
    }
}

#[tokio::test]
async fn a_task_under_way_is_told_and_cancelled_responder() {
    let more = "<progress>45</progress><entity type=\"VirtualMachine\">vm-9</entity><entityName>a%2fb</entityName>\
                <queueTime>2026-01-01T00:00:00Z</queueTime><activationId>op-7</activationId>";
    let parent = "<val type=\"Datacenter\">datacenter-2</val>";
    let scene = Scene::default()
        .with("TaskManager", &recent_tasks())
        .with("Task", &info("running", more))
        .with("ManagedEntity", &object("VirtualMachine", "vm-9", &[("parent", parent)]))
        .reply("CancelTask", || answer("CancelTask", ""));
    let responder = scene.start().await;
    let cloud = connect(config(&responder.url, &[]));
    let [task] = cloud.tasks(&location()).await.unwrap().try_into().unwrap();
    assert_eq!((task.state, task.progress, task.operation_id.as_deref()), (TaskState::Running, Some(45), Some("op-7")));
    assert_eq!((task.object.as_ref().unwrap().name.as_str(), task.user.as_deref()), ("a/b", Some("u")));
    assert!(task.is_cancelable && !task.is_cancelled && task.ended_at.is_none(), "{task:?}");
    assert_eq!(cloud.cancel_task(&location(), "task-1").await.unwrap().state, TaskState::Running);
    assert_eq!(responder.count("CancelTask"), 1);
}

#[tokio::test]
async fn a_task_that_cannot_be_cancelled_is_left_alone_responder() {
    let fixed = info("running", "").replace("<cancelable>true", "<cancelable>false");
    let scene = Scene::default().with("Task", &fixed).reply("CancelTask", || panic!("it was asked to be cancelled"));
    let err = cancel(&scene).await.unwrap_err();
    assert!(matches!(&err, CloudError::Refused(text) if text.contains("does not let")), "{err:?}");
    let scene = Scene::default().with("Task", &info("success", ""));
    assert!(matches!(cancel(&scene).await.unwrap_err(), CloudError::Conflict(_)));
}
