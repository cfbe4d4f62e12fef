use std::time::Duration;

use cloud::check::{CheckStatus, Reporter};
use cloud_http::Trust;
use cloud_vsphere::{check_ports, privileges};

use crate::support::{Report, Vcsim, config, connect, exit};

#[tokio::test]
async fn everything_that_is_right_is_told() {
    let (one, two) = (Vcsim::start(&["-pod", "1", "-template", "1"]), Vcsim::start(&["-pod", "1"]));
    let report = Report::of(&connect(config(&one.url, &[&two.url]))).await;
    for (vcsim, templates) in [(&one, 1), (&two, 0)] {
        let checks: Vec<_> = report.0.iter().filter(|it| it.target == vcsim.url).cloned().collect();
        let report = Report(checks);
        assert_eq!(report.with(CheckStatus::Failed), Vec::<&str>::new());
        assert_eq!(report.with(CheckStatus::Skipped), Vec::<&str>::new());
        // The certificate is the simulator's own and verification is off.
        assert_eq!(report.with(CheckStatus::Warning), ["vsphere.tls"]);
        assert_eq!(report.with(CheckStatus::Passed).len(), 13 + privileges::ALL.len());
        let required: Vec<_> = report.0.iter().filter(|it| it.required).map(|it| it.id.as_str()).collect();
        let connection = ["vsphere.url", "vsphere.dns", "vsphere.tcp", "vsphere.tls", "vsphere.api", "vsphere.login"];
        assert_eq!(required, connection);
        for (id, expected) in [
            ("vsphere.inventory", "1 datacenters seen".to_owned()),
            ("vsphere.inventory.hosts", "4 hosts seen".to_owned()),
            ("vsphere.inventory.machines", format!("{} machines, {templates} templates seen", 4 - templates)),
            ("vsphere.inventory.datastores", "1 datastores seen".to_owned()),
            ("vsphere.inventory.storagePods", "1 datastore clusters seen".to_owned()),
        ] {
            assert_eq!(report.get(id).detail, expected);
        }
        assert!(report.get("vsphere.api").detail.contains(vcsim.uuid()));
        assert!(report.get("vsphere.clock").detail.contains("differs from ours by 0.0 s"));
        assert!(report.0.iter().all(|it| it.group.starts_with("https://127.0.0.1:")), "{:?}", report.0[0]);
    }
}

#[tokio::test]
async fn one_wrong_password_fails_the_login_and_skips_the_rest() {
    let vcsim = Vcsim::start(&[]);
    let cloud = cloud_vsphere::Vsphere::new(config(&vcsim.url, &[]), "wrong".into(), exit()).unwrap();
    let report = Report::of(&cloud).await;
    assert_eq!(report.with(CheckStatus::Failed), ["vsphere.login"]);
    let login = report.get("vsphere.login");
    assert!(login.required && login.detail.contains("InvalidLogin"), "{login:?}");
    assert!(login.remedy.as_deref().unwrap().contains("user@domain"), "{login:?}");
    assert_eq!(report.with(CheckStatus::Skipped).len(), 8 + privileges::ALL.len());
    assert!(report.0.iter().all(|it| !it.detail.contains("wrong")));
}

#[tokio::test]
async fn a_linked_vcenter_that_is_down_fails_alone() {
    let vcsim = Vcsim::start(&[]);
    let report = Report::of(&connect(config(&vcsim.url, &["https://127.0.0.1:1"]))).await;
    let failed: Vec<_> = report.0.iter().filter(|it| it.status == CheckStatus::Failed).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].id.as_str(), failed[0].target.as_str()), ("vsphere.tcp", "https://127.0.0.1:1/sdk"));
    assert!(failed[0].detail.contains("connection refused"), "{}", failed[0].detail);
    let of_main = Report(report.0.iter().filter(|it| it.target == vcsim.url).cloned().collect());
    assert_eq!(of_main.status("vsphere.login"), CheckStatus::Passed);
}

#[tokio::test]
async fn what_is_no_usable_vcenter_is_refused_with_the_reason() {
    let check = async |flags: &[&str], status: CheckStatus, detail: &str| {
        let vcsim = Vcsim::start(flags);
        let report = Report::of(&connect(config(&vcsim.url, &[]))).await;
        let api = report.get("vsphere.api");
        assert_eq!(api.status, status, "{flags:?}: {api:?}");
        assert!(api.detail.contains(detail), "{flags:?}: {api:?}");
        let login = if status == CheckStatus::Failed { CheckStatus::Skipped } else { CheckStatus::Passed };
        let logins: Vec<_> = report.0.iter().filter(|it| it.id == "vsphere.login").map(|it| it.status).collect();
        assert_eq!(logins, if login == CheckStatus::Skipped { vec![CheckStatus::Skipped] } else { vec![login] });
    };
    check(&["-api-type", "HostAgent"], CheckStatus::Failed, "this is an ESXi host").await;
    check(&["-api-version", "5.5"], CheckStatus::Failed, "speaks API 5.5; 6.7 to 9 are supported").await;
    check(&["-api-version", "6.0"], CheckStatus::Failed, "speaks API 6.0").await;
    check(&["-api-version", "6.5"], CheckStatus::Warning, "accepted but not supported").await;
    check(&["-api-version", "6.7"], CheckStatus::Passed, "API 6.7").await;
    check(&["-api-version", "9.0.0.0"], CheckStatus::Passed, "API 9.0.0.0").await;
    check(&["-api-version", "10.0.0.0"], CheckStatus::Warning, "newer than").await;
}

#[tokio::test]
async fn ports_are_checked_without_a_login() {
    let vcsim = Vcsim::start(&[]);
    let check = async |url: &str| {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let trust = Trust { verify: false, ..Trust::default() };
        check_ports(url, trust, exit(), &Reporter::new(sender, Duration::from_secs(20))).await;
        let mut checks = Vec::new();
        while let Ok(check) = receiver.try_recv() {
            checks.push((check.id, check.status));
        }
        checks
    };
    use CheckStatus::{Failed, Passed, Skipped, Warning};
    let ids = ["vsphere.url", "vsphere.dns", "vsphere.tcp", "vsphere.tls", "vsphere.api"];
    let expect = |statuses: [CheckStatus; 5]| ids.iter().map(|it| (*it).to_owned()).zip(statuses).collect::<Vec<_>>();
    assert_eq!(check(&vcsim.url).await, expect([Passed, Passed, Passed, Warning, Passed]));
    assert_eq!(check(vcsim.url.trim_end_matches("/sdk")).await, expect([Passed, Passed, Passed, Warning, Passed]));
    assert_eq!(check("https://127.0.0.1:1").await, expect([Passed, Passed, Failed, Skipped, Skipped]));
    assert_eq!(check("https://vc.invalid").await, expect([Passed, Failed, Skipped, Skipped, Skipped]));
    assert_eq!(check("https://10.0.0.1").await, expect([Passed, Failed, Skipped, Skipped, Skipped]));
    assert_eq!(check("vc.example").await, expect([Failed, Skipped, Skipped, Skipped, Skipped]));
    let plain = Vcsim::start(&["-plain"]);
    // There is no certificate to look at, and nothing that is needed is left out.
    let mut without_tls = expect([Warning, Passed, Passed, Passed, Passed]);
    without_tls.retain(|(id, _)| id != "vsphere.tls");
    assert_eq!(check(&plain.url).await, without_tls);
    let report = Report::of(&connect(config(&plain.url, &[]))).await;
    let required: Vec<_> = report.0.iter().filter(|it| it.required).map(|it| it.status).collect();
    assert_eq!(required, [Warning, Passed, Passed, Passed, Passed], "such a vCenter can be saved");
    // TLS where there is none.
    let wrong = plain.url.replace("http://", "https://");
    assert_eq!(check(&wrong).await, expect([Passed, Passed, Passed, Failed, Skipped]));
}
