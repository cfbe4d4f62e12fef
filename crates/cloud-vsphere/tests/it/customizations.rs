//! What becomes of customizations. The simulator customizes nothing, and keeps the events that somebody else puts there:
//! that a vCenter writes them so is from its documentation.

use cloud::{Cloud, server::Customization};

use crate::{
    lab::Lab,
    support::{Raw, USER, machines},
};

async fn post(raw: &mut Raw, machine: &str, kind: &str, more: &str) {
    let event = format!(
        "<eventToPost xsi:type=\"{kind}\"><key>0</key><chainId>0</chainId><createdTime>2026-01-01T00:00:00Z</createdTime>\
         <userName></userName><vm><name>web</name><vm type=\"VirtualMachine\">{machine}</vm></vm>\
         <fullFormattedMessage>{kind} of web</fullFormattedMessage><template>false</template>{more}</eventToPost>"
    );
    let answer = raw.call("EventManager", "EventManager", "PostEvent", &event).await;
    assert!(answer.contains("PostEventResponse"), "{answer}");
}

#[tokio::test]
async fn the_last_word_counts() {
    let lab = Lab::with(&["-vm", "2"]).await;
    let ids: Vec<_> = machines(&lab.cloud, &lab.location).await.into_iter().map(|it| it.cloud_id).collect();
    let outcome = async |id: &str| lab.cloud.customization(&lab.location, id).await.unwrap();
    let mut raw = Raw::log_in(&lab.vcsim.url, USER).await;
    let Customization::UnderWay(text) = outcome(&ids[0]).await else { panic!("nothing was said of it") };
    assert!(text.contains("does not tell that it began"), "{text}");

    post(&mut raw, &ids[0], "CustomizationStartedEvent", "").await;
    let Customization::UnderWay(text) = outcome(&ids[0]).await else { panic!("it only began") };
    assert!(text.starts_with("it is under way since 20"), "{text}");

    for kind in [
        "CustomizationFailed",
        "CustomizationLinuxIdentityFailed",
        "CustomizationNetworkSetupFailed",
        "CustomizationSysprepFailed",
        "CustomizationUnknownFailure",
    ] {
        let more = match kind {
            "CustomizationSysprepFailed" => "<sysprepVersion>1</sysprepVersion><systemVersion>2</systemVersion>",
            _ => "",
        };
        post(&mut raw, &ids[0], kind, more).await;
        let Customization::Failed(text) = outcome(&ids[0]).await else { panic!("{kind}") };
        assert!(text.contains(kind), "{text}");
    }
    // The guest tries again.
    post(&mut raw, &ids[0], "CustomizationStartedEvent", "").await;
    assert!(matches!(outcome(&ids[0]).await, Customization::UnderWay(_)));
    post(&mut raw, &ids[0], "CustomizationSucceeded", "").await;
    raw.call("VirtualMachine", &ids[0], "PowerOffVM_Task", "").await;
    let Customization::Done(evidence) = outcome(&ids[0]).await else { panic!("it was customized") };
    assert_eq!(evidence.keys().collect::<Vec<_>>(), ["at", "cloud", "event"]);
    assert!(matches!(outcome(&ids[1]).await, Customization::UnderWay(_)), "another machine");
}
