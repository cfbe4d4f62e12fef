use std::{collections::HashSet, time::Duration};

use cloud::{Cloud, CloudError};
use futures_util::{TryStreamExt, future::join_all};

use crate::{
    responder::{Reply, Responder, answer, fault, vcenter},
    support::{Raw, Report, USER, Vcsim, config, connect, exit, machines},
};

#[tokio::test]
async fn a_wrong_password_is_told_and_tried_once() {
    let vcsim = Vcsim::start(&[]);
    let exit = exit();
    let cloud = cloud_vsphere::Vsphere::new(config(&vcsim.url, &[]), "wrong".into(), exit.clone()).unwrap();
    let outcomes = join_all((0..10).map(|_| cloud.locations())).await;
    for outcome in outcomes {
        let err = outcome.unwrap_err();
        assert!(matches!(err, CloudError::Unauthorized(_)), "{err:?}");
        let text = err.to_string();
        assert!(text.contains("InvalidLogin") && text.contains("opID stackyard-"), "{text}");
        assert!(!text.contains("wrong"), "{text}");
    }
    // Versions, content and login, once for all ten.
    assert_eq!(exit.traffic().0, 3);
}

#[tokio::test]
async fn one_session_however_many_ask_and_none_after_close() {
    let vcsim = Vcsim::start(&[]);
    let cloud = connect(config(&vcsim.url, &[]));
    let mut raw = Raw::log_in(&vcsim.url, USER).await;
    assert_eq!(raw.sessions().await.len(), 0);
    for outcome in join_all((0..20).map(|_| cloud.locations())).await {
        assert_eq!(outcome.unwrap().len(), 1);
    }
    assert_eq!(raw.sessions().await.len(), 1);
    cloud.close().await;
    assert_eq!(raw.sessions().await.len(), 0);
}

#[tokio::test]
async fn a_session_that_was_ended_is_opened_again() {
    let vcsim = Vcsim::start(&[]);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = cloud.locations().await.unwrap()[0].id.clone();
    let mut raw = Raw::log_in(&vcsim.url, USER).await;
    for _ in 0..3 {
        assert_eq!(raw.end_sessions().await, 1);
        assert_eq!(machines(&cloud, &location).await.len(), vcsim.count("vms"));
    }
    // Many at once notice it and log in once.
    assert_eq!(raw.end_sessions().await, 1);
    for outcome in join_all((0..8).map(|_| cloud.locations())).await {
        outcome.unwrap();
    }
    assert_eq!(raw.sessions().await.len(), 1);
}

#[tokio::test]
async fn a_session_that_was_idle_too_long_is_opened_again() {
    let vcsim = Vcsim::start(&["-session-idle", "500ms"]);
    let cloud = connect(config(&vcsim.url, &[]));
    assert_eq!(cloud.locations().await.unwrap().len(), 1);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(cloud.locations().await.unwrap().len(), 1);
}

/// Paging is our own extension of the simulator; without it a list is one answer that no session can leave.
#[tokio::test]
async fn a_list_whose_session_ends_between_two_pages_is_complete_and_without_doubles_with_strict() {
    let vcsim = Vcsim::start(&["-strict", "-standalone-host", "0", "-vm", "1250"]);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = cloud.locations().await.unwrap()[0].id.clone();
    let mut raw = Raw::log_in(&vcsim.url, USER).await;
    let mut pages = cloud.machines(&location);
    let first = pages.try_next().await.unwrap().unwrap();
    assert_eq!(first.items.len(), 1000);
    assert_eq!(raw.end_sessions().await, 1);
    let mut ids: Vec<_> = first.items.into_iter().map(|it| it.cloud_id).collect();
    while let Some(page) = pages.try_next().await.unwrap() {
        ids.extend(page.items.into_iter().map(|it| it.cloud_id));
    }
    assert_eq!(ids.len(), vcsim.count("vms"));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
}

/// A view lives in the memory of the vCenter, so it must not be left there.
#[tokio::test]
async fn views_are_destroyed_also_when_a_list_is_left_early_responder() {
    let responder = Responder::start(|method, body| match method {
        "RetrievePropertiesEx" if body.contains("<type>VirtualMachine</type>") => {
            let objects: String =
                (0..2500).map(|i| format!("<objects><obj type=\"VirtualMachine\">vm-{i}</obj></objects>")).collect();
            answer(method, &format!("<returnval>{objects}</returnval>"))
        }
        _ => vcenter(method),
    })
    .await;
    let cloud = connect(config(&responder.url, &[]));
    let location = cloud.locations().await.unwrap()[0].id.clone();
    assert_eq!((responder.count("CreateContainerView"), responder.count("DestroyView")), (1, 1));
    let mut pages = cloud.machines(&location);
    assert_eq!(pages.try_next().await.unwrap().unwrap().items.len(), 1000);
    assert_eq!((responder.count("CreateContainerView"), responder.count("DestroyView")), (2, 1));
    drop(pages);
    for _ in 0..200 {
        if responder.count("DestroyView") == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the view was left");
}

#[tokio::test]
async fn after_closing_a_list_that_runs_fails_and_nothing_logs_in_again_with_strict() {
    let vcsim = Vcsim::start(&["-strict", "-standalone-host", "0", "-vm", "1250"]);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = cloud.locations().await.unwrap()[0].id.clone();
    let mut raw = Raw::log_in(&vcsim.url, USER).await;
    let mut pages = cloud.machines(&location);
    assert_eq!(pages.try_next().await.unwrap().unwrap().items.len(), 1000);
    cloud.close().await;
    let err = pages.try_next().await.unwrap_err();
    assert!(matches!(&err, CloudError::Service { message, .. } if message.contains("logged out")), "{err:?}");
    assert!(cloud.locations().await.is_err());
    assert_eq!(raw.sessions().await.len(), 0);
}

/// The answer to the login comes after the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_that_is_under_way_is_ended_responder() {
    let (let_in, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let responder = Responder::start(move |method, _| {
        if method == "Login" {
            // This thread's other work, which may be to wait for the network, goes to another one.
            tokio::task::block_in_place(|| wait.lock().unwrap().recv().unwrap());
        }
        vcenter(method)
    });
    let responder = responder.await;
    let cloud = std::sync::Arc::new(connect(config(&responder.url, &[])));
    let listing = tokio::spawn({
        let cloud = cloud.clone();
        async move { cloud.locations().await }
    });
    while responder.count("Login") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let closing = tokio::spawn({
        let cloud = cloud.clone();
        async move { cloud.close().await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!closing.is_finished());
    let_in.send(()).unwrap();
    closing.await.unwrap();
    assert!(listing.await.unwrap().is_err());
    assert_eq!((responder.count("Login"), responder.count("Logout")), (1, 1));
}

#[tokio::test]
async fn a_refused_login_is_not_repeated_for_the_next_caller_responder() {
    let text = "Cannot complete login due to an incorrect user name or password.";
    let refusing = Responder::start(move |method, _| match method {
        "Login" => fault("InvalidLogin", text, ""),
        _ => vcenter(method),
    })
    .await;
    let linked = Responder::start(|method, _| vcenter(method)).await;
    let cloud = connect(config(&refusing.url, &[&linked.url]));
    for _ in 0..3 {
        assert!(matches!(cloud.locations().await, Err(CloudError::Unauthorized(_))));
        let at = cloud::LocationId("datacenter-2@u-1".to_owned());
        assert!(matches!(cloud.machines(&at).try_next().await, Err(CloudError::Unauthorized(_))));
    }
    let report = Report::of(&cloud).await;
    let logins: Vec<_> = report.0.iter().filter(|it| it.id == "vsphere.login").map(|it| it.status).collect();
    assert_eq!(logins, [cloud::check::CheckStatus::Failed, cloud::check::CheckStatus::Skipped]);
    assert_eq!((refusing.count("Login"), linked.count("Login")), (1, 0), "each would count against the account");
}

#[tokio::test]
async fn only_the_vcenter_of_a_location_is_logged_in_to() {
    let (one, two) = (Vcsim::start(&[]), Vcsim::start(&[]));
    let locations = connect(config(&two.url, &[])).locations().await.unwrap();
    let cloud = connect(config(&one.url, &[&two.url]));
    assert_eq!(machines(&cloud, &locations[0].id).await.len(), two.count("vms"));
    let mut raw = Raw::log_in(&one.url, USER).await;
    assert_eq!(raw.sessions().await.len(), 0);
    // It is remembered which one that is: one that is down is not asked again.
    drop(one);
    assert_eq!(machines(&cloud, &locations[0].id).await.len(), two.count("vms"));
}

#[tokio::test]
async fn what_a_vcenter_sends_back_is_not_told_responder() {
    let echo = |body: &str| body.split("<password>").nth(1).unwrap().split("</password>").next().unwrap().to_owned();
    for status in [500, 418] {
        let responder = Responder::start(move |method, body| match (method, status) {
            ("Login", 500) => fault("InvalidLogin", &format!("{} {}", "x".repeat(990), echo(body)), ""),
            ("Login", _) => Reply::Text(status, format!("{}\n{}", "x".repeat(190), echo(body))),
            _ => vcenter(method),
        })
        .await;
        let cloud = connect(config(&responder.url, &[]));
        let told = format!("{:?} {:?}", cloud.locations().await, Report::of(&cloud).await.0);
        assert!(told.contains("xxx") && told.contains("[secr") && !told.contains("vcsim"), "{status}: {told}");
    }
}
