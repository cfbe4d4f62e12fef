//! Options of the remote console of servers.

use cloud::operation::{Operation, Progress, RemoteConsole};

use crate::{
    operation_responders::{machine_with, operate, sent},
    operations::Scene,
    server_responders::Scene as Answers,
};

fn set(max_connections: Option<u32>, lock_guest: Option<bool>) -> Operation {
    Operation::SetRemoteConsole { console: RemoteConsole { max_connections, lock_guest } }
}

#[tokio::test]
async fn the_guest_is_locked_after_the_last_or_not() {
    let scene = Scene::start().await;
    for (id, is_locked) in [(1, true), (2, false)] {
        assert_eq!(scene.done(id, &set(None, Some(is_locked))).await, None);
        let console = scene.details().await.remote_console.unwrap();
        assert_eq!((console.max_connections, console.lock_guest), (None, Some(is_locked)));
        // The answer was lost.
        let again = scene.operate(id, &set(None, Some(is_locked)), None).await.unwrap();
        assert_eq!(again, Progress::Done(None));
    }
}

/// In the order of the elements on which a vCenter insists, and nothing of what is to stay.
#[tokio::test]
async fn the_request_for_a_remote_console_is_complete_responder() {
    let request = async |now: Option<(&str, &str)>, operation: Operation| {
        let (n, is_locked) = now.unwrap_or_default();
        let (n, is_locked) = (
            format!("<val xsi:type=\"xsd:int\">{n}</val>"),
            format!("<val xsi:type=\"xsd:boolean\">{is_locked}</val>"),
        );
        let properties = [("config.maxMksConnections", n.as_str()), ("config.guestAutoLockEnabled", &is_locked)];
        let machine = machine_with("poweredOn", now.map_or(&[], |_| &properties));
        let scene = Answers::default().with("VirtualMachine", &machine);
        let progress = operate(&scene.start().await, &operation, None).await.unwrap();
        let sent = sent(&scene);
        assert_eq!(progress == Progress::Done(None), sent.is_empty(), "{progress:?}");
        sent.replace("<ReconfigVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-9</_this>", "")
            .replace("</ReconfigVM_Task>", "")
    };
    let (one, lock) = ("<maxMksConnections>1</maxMksConnections>", "<guestAutoLockEnabled>true</guestAutoLockEnabled>");
    let both = format!("<spec>{one}{lock}</spec>");
    assert_eq!(request(Some(("-1", "false")), set(Some(1), Some(true))).await, both);
    assert_eq!(request(None, set(Some(1), Some(true))).await, both, "nothing is told");
    assert_eq!(request(Some(("40", "true")), set(Some(1), Some(true))).await, format!("<spec>{one}</spec>"));
    assert_eq!(request(Some(("40", "false")), set(None, Some(true))).await, format!("<spec>{lock}</spec>"));
    assert_eq!(request(Some(("1", "true")), set(Some(1), Some(true))).await, "");
    assert_eq!(request(Some(("40", "false")), set(Some(40), None)).await, "");
}
