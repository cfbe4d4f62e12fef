//! What others do in a vCenter is told without asking.

use std::{sync::Mutex, time::Duration};

use cloud::{
    Cloud, CloudError, LocationId,
    inventory::{Noun, PowerState},
    server::Mark,
    watch::{Glimpse, Sighting},
};
use futures_util::{
    StreamExt,
    stream::{BoxStream, Stream},
};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::{
    responder::{self, Reply, Responder, answer, fault},
    support::{Raw, USER, Vcsim, config, connect, list, machines},
};

type News<'a> = BoxStream<'a, Result<Sighting, CloudError>>;

/// Far longer than any of it takes.
const LIMIT: Duration = Duration::from_secs(120);

async fn next(news: &mut (impl Stream<Item = Result<Sighting, CloudError>> + Unpin)) -> Sighting {
    timeout(LIMIT, news.next()).await.expect("the watch is silent").expect("the watch ended").unwrap()
}

async fn whole(news: &mut News<'_>) -> Vec<Glimpse> {
    match next(news).await {
        Sighting::Whole(all) => all,
        other => panic!("{other:?}"),
    }
}

/// Reads on until a machine is told to be so.
async fn until(news: &mut News<'_>, is_so: impl Fn(&Glimpse) -> bool) -> Glimpse {
    loop {
        if let Sighting::Changed(changed) = next(news).await
            && let Some(found) = changed.into_iter().find(&is_so)
        {
            return found;
        }
    }
}

#[tokio::test]
async fn what_another_session_does_is_told() {
    let vcsim = Vcsim::start(&["-vm", "2", "-ip-base", "10.1.0.1"]);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = cloud.locations().await.unwrap()[0].id.clone();
    let mut news = cloud.watch(&location);
    let all = whole(&mut news).await;
    let listed = machines(&cloud, &location).await;
    assert_eq!(all.len(), listed.len());
    for machine in &listed {
        let glimpse = all.iter().find(|it| it.cloud_id == machine.cloud_id).unwrap();
        assert_eq!(glimpse.mark.map(|it| it.to_string()), machine.instance_uuid);
        let state = glimpse.state.as_ref().unwrap();
        assert_eq!((&state.status, state.power_state), (&machine.status, machine.power_state));
        assert!(!state.addresses.is_empty() && state.addresses == machine.addresses, "{state:?}");
    }

    let mut raw = Raw::log_in(&vcsim.url, USER).await;
    let (id, mark) = (all[0].cloud_id.clone(), all[0].mark);
    raw.call("VirtualMachine", &id, "PowerOffVM_Task", "").await;
    let seen = until(&mut news, |it| it.cloud_id == id && it.state.as_ref().unwrap().power_state == PowerState::Off);
    assert_eq!(seen.await.mark, mark);

    let config = "<extraConfig><key>SET.guest.ipAddress</key><value xsi:type=\"xsd:string\" \
                  xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">10.9.9.9</value></extraConfig>";
    raw.call("VirtualMachine", &id, "ReconfigVM_Task", &format!("<spec>{config}</spec>")).await;
    let has = |it: &Glimpse| it.state.iter().flat_map(|it| &it.addresses).any(|it| it.ip.to_string() == "10.9.9.9");
    until(&mut news, |it| it.cloud_id == id && has(it)).await;

    let folder = list(&cloud, &location, Noun::Folders).await.into_iter().find(|it| it.name == "vm").unwrap().cloud_id;
    let ours = Mark(Uuid::from_u128(0x0190_a0b0_c0d0_7000_8000_0000_0000_0001));
    let spec = format!(
        "<folder type=\"Folder\">{folder}</folder><name>new</name><spec><location/><template>false</template>\
         <config><instanceUuid>{ours}</instanceUuid></config><powerOn>false</powerOn></spec>"
    );
    raw.call("VirtualMachine", &id, "CloneVM_Task", &spec).await;
    let made = until(&mut news, |it| it.mark == Some(ours)).await;
    assert!(made.state.is_some());
    raw.call("VirtualMachine", &made.cloud_id, "Destroy_Task", "").await;
    let gone = until(&mut news, |it| it.state.is_none()).await;
    assert_eq!((&gone.cloud_id, gone.mark), (&made.cloud_id, Some(ours)));
}

#[tokio::test]
async fn a_lost_session_is_made_good_by_a_whole_reading() {
    let vcsim = Vcsim::start(&["-vm", "2"]);
    let cloud = connect(config(&vcsim.url, &[]));
    let location = cloud.locations().await.unwrap()[0].id.clone();
    let mut raw = Raw::log_in(&vcsim.url, USER).await;
    let mut news = cloud.watch(&location);
    let all = whole(&mut news).await;
    for machine in &all[..2] {
        assert!(raw.end_sessions().await > 0);
        // The wait that is under way still ends well in the simulator.
        raw.call("VirtualMachine", &machine.cloud_id, "PowerOffVM_Task", "").await;
        let again = loop {
            if let Sighting::Whole(all) = next(&mut news).await {
                break all;
            }
        };
        let seen = again.iter().find(|it| it.cloud_id == machine.cloud_id).unwrap();
        assert_eq!((again.len(), seen.state.as_ref().unwrap().power_state), (all.len(), PowerState::Off));
    }
}

fn object(kind: &str, id: &str, power_state: &str) -> String {
    format!(
        "<objectSet><kind>{kind}</kind><obj type=\"VirtualMachine\">{id}</obj><changeSet><name>runtime.powerState</name>\
         <op>assign</op><val xsi:type=\"VirtualMachinePowerState\">{power_state}</val></changeSet></objectSet>"
    )
}

fn update(version: &str, objects: &str, is_truncated: bool) -> Reply {
    let filter = "<filter type=\"PropertyFilter\">filter-1</filter>";
    let truncated = if is_truncated { "<truncated>true</truncated>" } else { "" };
    let inside = format!("<version>{version}</version><filterSet>{filter}{objects}</filterSet>{truncated}");
    answer("WaitForUpdatesEx", &format!("<returnval>{inside}</returnval>"))
}

/// A vCenter that answers each wait in turn, and holds back the one after.
async fn updates_responder(replies: Vec<(&'static str, Reply)>) -> Responder {
    let mut replies: Vec<_> = replies.into_iter().map(Some).collect();
    replies.reverse();
    let replies = Mutex::new(replies);
    Responder::start(move |method, body| match method {
        "CreatePropertyCollector" => answer(method, "<returnval type=\"PropertyCollector\">session-1</returnval>"),
        "CreateFilter" => answer(method, "<returnval type=\"PropertyFilter\">filter-1</returnval>"),
        "DestroyPropertyCollector" => answer(method, ""),
        "WaitForUpdatesEx" => match replies.lock().unwrap().pop().flatten() {
            Some((version, reply)) => {
                let asked = body.split("<version>").nth(1).unwrap().split('<').next().unwrap();
                assert_eq!(asked, version);
                assert!(body.contains("<_this type=\"PropertyCollector\">session-1</_this>"), "{body}");
                reply
            }
            None => Reply::Silence,
        },
        _ => responder::vcenter(method),
    })
    .await
}

fn power(glimpses: &[Glimpse]) -> Vec<(&str, &str)> {
    let mut told: Vec<_> = glimpses
        .iter()
        .map(|it| (it.cloud_id.as_str(), it.state.as_ref().map_or("gone", |it| it.status.as_str())))
        .collect();
    told.sort_unstable();
    told
}

fn location() -> LocationId {
    LocationId("datacenter-2@u-1".to_owned())
}

#[tokio::test]
async fn updates_that_are_cut_are_read_to_their_end_responder() {
    let both = object("enter", "vm-1", "poweredOn") + &object("enter", "vm-2", "poweredOff");
    let responder = updates_responder(vec![
        ("", update("1", &both, true)),
        ("1", update("2", &object("enter", "vm-3", "poweredOn"), false)),
        ("2", answer("WaitForUpdatesEx", "")),
        ("2", update("3", &object("modify", "vm-1", "suspended"), true)),
        ("3", update("4", "<objectSet><kind>leave</kind><obj type=\"VirtualMachine\">vm-2</obj></objectSet>", false)),
    ])
    .await;
    let cloud = connect(config(&responder.url, &[]));
    let location = location();
    let mut news = cloud.watch(&location);
    assert_eq!(power(&whole(&mut news).await), [("vm-1", "poweredOn"), ("vm-2", "poweredOff"), ("vm-3", "poweredOn")]);
    assert_eq!(next(&mut news).await, Sighting::Alive, "nothing within the wait");
    let Sighting::Changed(changed) = next(&mut news).await else { panic!() };
    assert_eq!(power(&changed), [("vm-1", "suspended")]);
    let Sighting::Changed(changed) = next(&mut news).await else { panic!() };
    assert_eq!(power(&changed), [("vm-2", "gone")]);
    // While the next wait is under way: nothing of ours stays in the vCenter.
    assert!(timeout(Duration::from_millis(300), news.next()).await.is_err());
    drop(news);
    while responder.count("DestroyPropertyCollector") + responder.count("DestroyView") < 2 {
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_version_that_is_not_known_any_more_begins_anew_responder() {
    let enter = |state| object("enter", "vm-1", state);
    let responder = updates_responder(vec![
        ("", update("1", &enter("poweredOn"), false)),
        ("1", fault("InvalidCollectorVersion", "gone", "")),
        ("", update("7", &enter("poweredOff"), false)),
        ("7", fault("ManagedObjectNotFound", "gone", "")),
        ("", fault("ManagedObjectNotFound", "gone", "")),
        ("", fault("ManagedObjectNotFound", "gone again", "")),
    ])
    .await;
    let cloud = connect(config(&responder.url, &[]));
    let location = location();
    let mut news = cloud.watch(&location);
    assert_eq!(power(&whole(&mut news).await), [("vm-1", "poweredOn")]);
    assert_eq!(power(&whole(&mut news).await), [("vm-1", "poweredOff")]);
    let err = timeout(LIMIT, news.next()).await.unwrap().unwrap().unwrap_err();
    assert!(err.to_string().contains("gone again"), "three without an answer are an error: {err}");
    assert!(news.next().await.is_none());
}
