//! The clones that one host takes at once: those of the simulator have ended when it answers.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use cloud::{Cloud, CloudError, server::Order};

use crate::{
    responder::{Responder, answer, fault},
    server_responders::{MARK, Scene, location, object, spec},
    support::{config, connect},
};

/// Clones never end but those in `ended`; a task that is in `forgotten` is not known any more.
async fn slow_vcenter(ended: Arc<Mutex<Vec<String>>>, forgotten: Arc<Mutex<Vec<String>>>) -> Responder {
    let host = "<val type=\"HostSystem\">host-1</val>";
    let scene = Scene::default().with("VirtualMachine", &object("VirtualMachine", "vm-1", &[("runtime.host", host)]));
    let n_tasks = AtomicUsize::new(0);
    Responder::start(move |method, body| {
        if method == "CloneVM_Task" {
            let n = n_tasks.fetch_add(1, Ordering::SeqCst);
            return answer(method, &format!("<returnval type=\"Task\">task-{n}</returnval>"));
        }
        if method != "RetrievePropertiesEx" || !body.contains("<type>Task</type>") {
            return scene.answer(method, body);
        }
        let ids = body.split("<obj type=\"Task\">").skip(1).map(|it| it.split('<').next().unwrap());
        let (ended, forgotten) = (ended.lock().unwrap().clone(), forgotten.lock().unwrap().clone());
        let mut objects = String::new();
        for id in ids {
            if forgotten.iter().any(|it| it == id) {
                return fault("ManagedObjectNotFound", "The object has already been deleted.", "");
            }
            let state = if ended.iter().any(|it| it == id) { "success" } else { "running" };
            let info = format!(
                "<val xsi:type=\"TaskInfo\"><key>{id}</key><descriptionId>VirtualMachine.clone</descriptionId>\
                 <state>{state}</state></val>"
            );
            objects += &object("Task", id, &[("info", &info)]);
        }
        answer(method, &format!("<returnval>{objects}</returnval>"))
    })
    .await
}

#[tokio::test]
async fn a_host_clones_four_at_once_responder() {
    let (ended, forgotten) = <(Arc<Mutex<Vec<String>>>, Arc<Mutex<Vec<String>>>)>::default();
    let responder = slow_vcenter(ended.clone(), forgotten.clone()).await;
    let cloud = connect(config(&responder.url, &[]));
    let launch = async || cloud.launch(&spec()).await;
    for n in 0..4 {
        assert_eq!(launch().await.unwrap().id, format!("task-{n}"));
    }
    let err = launch().await.unwrap_err();
    assert!(matches!(&err, CloudError::HeldBack(text) if text.contains("4 clones are under way on host-")), "{err:?}");
    assert_eq!(responder.count("CloneVM_Task"), 4, "it was not sent");

    // One has ended, and one is forgotten since.
    ended.lock().unwrap().push("task-1".to_owned());
    assert_eq!(launch().await.unwrap().id, "task-4");
    forgotten.lock().unwrap().push("task-0".to_owned());
    assert_eq!(launch().await.unwrap().id, "task-5");
    assert!(matches!(launch().await.unwrap_err(), CloudError::HeldBack(_)));

    // Who looks at a launch sees its end: nobody else asks for it.
    ended.lock().unwrap().push("task-5".to_owned());
    let order = Order::new("task-5".to_owned(), None);
    cloud.find_servers(&location(), MARK, Some(&order)).await.unwrap();
    let n_calls = responder.count("RetrievePropertiesEx");
    assert_eq!(launch().await.unwrap().id, "task-6");
    assert_eq!(responder.count("RetrievePropertiesEx"), n_calls + 1, "that of any launch");
}
