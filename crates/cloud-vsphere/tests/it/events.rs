use std::sync::atomic::{AtomicI32, Ordering};

use cloud::{
    Cloud,
    event::{CloudEvent, EventPage, EventQuery},
    inventory::Noun,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    lab::Lab,
    responder::{Responder, answer, fault, vcenter},
    server_responders::location,
    support::{Raw, USER, config, connect, list, machines},
};

const ALL: EventQuery = EventQuery { machine: None, since: None, until: None, before: None, n_events: 500 };

impl Lab {
    async fn events(&self, query: &EventQuery) -> EventPage {
        self.cloud.events(&self.location, query).await.unwrap()
    }
}

#[tokio::test]
async fn the_newest_comes_first_page_by_page() {
    let lab = Lab::start().await;
    let all = lab.events(&ALL).await;
    assert_eq!(all.next, None);
    assert!(all.events.len() > 10, "{}", all.events.len());
    assert!(all.events.is_sorted_by(|one, next| one.key > next.key && one.at >= next.at), "{all:?}");
    let mut query = EventQuery { n_events: 4, ..ALL };
    let mut seen: Vec<CloudEvent> = Vec::new();
    loop {
        let page = lab.events(&query).await;
        assert!((1..=4).contains(&page.events.len()), "{page:?}");
        seen.extend(page.events);
        let Some((until, before)) = page.next else { break };
        (query.until, query.before) = (Some(until), Some(before));
    }
    assert_eq!(seen, all.events);
    let (newest, oldest) = (&all.events[0], all.events.last().unwrap());
    let of_time = |since, until| EventQuery { since, until, ..ALL };
    let later = newest.at + SignedDuration::from_nanos(1);
    assert_eq!(lab.events(&of_time(Some(later), None)).await.events, []);
    assert_eq!(lab.events(&of_time(Some(newest.at), None)).await.events[0], *newest);
    assert_eq!(lab.events(&of_time(None, Some(oldest.at))).await.events.last(), Some(oldest));
}

#[tokio::test]
async fn what_is_told_of_a_machine() {
    let lab = Lab::start().await;
    let machine = machines(&lab.cloud, &lab.location).await.remove(0);
    let mut raw = Raw::log_in(&lab.vcsim.url, USER).await;
    raw.call("VirtualMachine", &machine.cloud_id, "PowerOffVM_Task", "").await;
    let page = lab.events(&EventQuery { machine: Some(machine.cloud_id.clone()), ..ALL }).await;
    let newest = &page.events[0];
    assert_eq!((newest.kind.as_str(), newest.user.as_deref()), ("VmPoweredOffEvent", Some(USER)));
    assert_eq!(newest.severity.as_deref(), Some("info"));
    assert!(newest.message.contains(&machine.name), "{}", newest.message);
    let kinds: Vec<_> = newest.objects.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds[..2], ["VirtualMachine", "HostSystem"]);
    assert_eq!(newest.objects[0].name, machine.name);
    let hosts = list(&lab.cloud, &lab.location, Noun::Hosts).await;
    assert!(hosts.iter().any(|it| it.cloud_id == newest.objects[1].id && it.name == newest.objects[1].name));
    assert!(page.events.iter().all(|it| it.objects[0].id == machine.cloud_id), "{page:?}");
    assert!(lab.events(&ALL).await.events.len() > page.events.len());
    assert_eq!(lab.events(&EventQuery { machine: Some("vm-0".to_owned()), ..ALL }).await.events, []);
}

fn collected(events: &str) -> String {
    format!(
        "<returnval><objects><obj type=\"EventHistoryCollector\">c-1</obj><propSet><name>latestPage</name>\
         <val xsi:type=\"ArrayOfEvent\">{events}</val></propSet></objects></returnval>"
    )
}

/// More events of one moment than a page has. The simulator pays no heed to times.
#[tokio::test]
async fn a_page_of_one_moment_does_not_end_the_list_responder() {
    let size = AtomicI32::default();
    let responder = Responder::start(move |method, body| match method {
        "CreateCollectorForEvents" => {
            let expected = "<entity type=\"Datacenter\">datacenter-2</entity><recursion>all</recursion></entity><time>\
                            <endTime>2026-01-01T00:00:00Z</endTime></time></filter>";
            assert!(body.contains(expected), "{body}");
            answer(method, "<returnval type=\"EventHistoryCollector\">c-1</returnval>")
        }
        "SetCollectorPageSize" => {
            let count = body.split("<maxCount>").nth(1).unwrap().split('<').next().unwrap();
            size.store(count.parse().unwrap(), Ordering::Relaxed);
            answer(method, "")
        }
        "DestroyCollector" => answer(method, ""),
        "RetrievePropertiesEx" if body.contains("<type>EventHistoryCollector</type>") => {
            let event = |key: i32| {
                format!(
                    "<Event xsi:type=\"EventEx\"><key>{key}</key><createdTime>2026-01-01T00:00:00Z</createdTime>\
                     <userName/><eventTypeId>com.example.x</eventTypeId><severity>warning</severity>\
                     <message>number {key}</message></Event>"
                )
            };
            let first = (301 - size.load(Ordering::Relaxed)).max(1);
            answer(method, &collected(&(first..=300).map(event).collect::<String>()))
        }
        "RetrievePropertiesEx" if body.contains("<type>EventManager</type>") => {
            answer(method, "<returnval><objects><obj type=\"EventManager\">EventManager</obj></objects></returnval>")
        }
        _ => vcenter(method),
    })
    .await;
    let cloud = connect(config(&responder.url, &[]));
    let until: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let query = EventQuery { until: Some(until), before: Some(102), n_events: 100, ..ALL };
    let page = cloud.events(&location(), &query).await.unwrap();
    let keys: Vec<_> = page.events.iter().map(|it| it.key).collect();
    assert_eq!(keys, (2..=101).rev().collect::<Vec<_>>());
    assert_eq!(page.next, Some((until, 2)));
    let first = &page.events[0];
    assert_eq!((first.kind.as_str(), first.severity.as_deref()), ("com.example.x", Some("warning")));
    assert_eq!((first.message.as_str(), &first.user, &first.objects[..]), ("number 101", &None, &[][..]));
    assert_eq!((responder.count("CreateCollectorForEvents"), responder.count("DestroyCollector")), (2, 2));
}

#[tokio::test]
async fn a_collector_does_not_outlive_a_failure_responder() {
    let responder = Responder::start(|method, body| match method {
        "CreateCollectorForEvents" => answer(method, "<returnval type=\"EventHistoryCollector\">c-1</returnval>"),
        "SetCollectorPageSize" => fault("InvalidArgument", "maxCount", ""),
        "DestroyCollector" => answer(method, ""),
        "RetrievePropertiesEx" if body.contains("<type>EventManager</type>") => {
            answer(method, "<returnval><objects><obj type=\"EventManager\">EventManager</obj></objects></returnval>")
        }
        _ => vcenter(method),
    })
    .await;
    connect(config(&responder.url, &[])).events(&location(), &ALL).await.unwrap_err();
    while responder.count("DestroyCollector") == 0 {
        tokio::task::yield_now().await;
    }
}
