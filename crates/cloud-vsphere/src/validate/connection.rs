use std::{net::SocketAddr, sync::Arc};

use cloud::check::{Finding, Reporter, Subject};
use cloud_http::{CertificateFacts, HttpError, Probe, Timed, TrustedBy};
use jiff::{SignedDuration, Timestamp};

use crate::{
    session::{VCenter, numbers, supported},
    soap::{envelope::Call, error::CallError},
    validate::{optional, required},
};

/// From here on tasks and sessions of a vCenter have times that mislead.
const MAX_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// The steps of a connection up to what the service says of itself. False: nothing that follows can be looked at.
pub async fn connect(vcenter: &Arc<VCenter>, report: &Reporter) -> bool {
    let url = &vcenter.url;
    let form = if url.scheme() == "http" {
        Finding::Warning {
            detail: format!("{url} begins with http://: user name and password travel unencrypted"),
            remedy: "use https:// unless the network between is trusted".to_owned(),
        }
    } else {
        Finding::Passed(format!("calls go to {url}"))
    };
    report.found(required("vsphere.url", vcenter), form);
    // One probe takes all steps, so its whole time is shown here and that of each later step in its sentence.
    let probe = async {
        let probe = vcenter.client().probe(url).await;
        (resolved(&probe.resolve), probe)
    };
    let probe = report.run(required("vsphere.dns", vcenter), probe).await;
    if !is_connected(vcenter, probe, report) {
        report.skipped(required("vsphere.api", vcenter), "no connection to the vCenter");
        return false;
    }
    let api = async {
        match vcenter.about().await {
            Ok(content) => {
                let finding = api(&content.about);
                let is_usable = !matches!(finding, Finding::Failed { .. });
                (finding, is_usable)
            }
            Err(err) => (failed(&err), false),
        }
    };
    report.run(required("vsphere.api", vcenter), api).await.unwrap_or(false)
}

pub async fn log_in(vcenter: &Arc<VCenter>, report: &Reporter) -> bool {
    let login = async {
        match vcenter.session().await {
            Ok(session) => {
                let version = &session.api_version;
                (Finding::Passed(format!("logged in; API version {version} is spoken")), true)
            }
            Err(err) => (failed(&err), false),
        }
    };
    report.run(required("vsphere.login", vcenter), login).await.unwrap_or(false)
}

pub async fn clock(vcenter: &Arc<VCenter>, report: &Reporter) {
    let look = async {
        let service = crate::soap::envelope::MoRef::new("ServiceInstance", "ServiceInstance");
        let asked = Timestamp::now();
        let answer = vcenter
            .call(|_| Call::new("CurrentTime", &service), |node| node.get("returnval").parse::<Timestamp>())
            .await;
        let finding = match answer {
            Ok(Ok(theirs)) => skew(theirs, asked, Timestamp::now()),
            Ok(Err(err)) => Finding::Warning {
                detail: format!("the vCenter tells no time that can be read: {err}"),
                remedy: "look at the time settings of the vCenter".to_owned(),
            },
            Err(err) => failed(&err),
        };
        (finding, ())
    };
    report.run(optional("vsphere.clock", vcenter), look).await;
}

pub fn bad_url(detail: String, report: &Reporter) {
    let subject = |id| Subject::required(id, "connection", "url");
    let remedy = "correct the URL, for example https://vcenter.example".to_owned();
    report.found(subject("vsphere.url"), Finding::Failed { detail, remedy });
    for id in ["vsphere.dns", "vsphere.tcp", "vsphere.tls", "vsphere.api"] {
        report.skipped(subject(id), "there is no usable URL");
    }
}

fn is_connected(vcenter: &VCenter, probe: Option<Probe>, report: &Reporter) -> bool {
    let (tcp, tls) = (required("vsphere.tcp", vcenter), required("vsphere.tls", vcenter));
    let Some(Probe { resolve: Timed { result: Ok(_), .. }, connect: Some(connect), tls: handshake }) = probe else {
        report.skipped(tcp, "the name has no usable address");
        report.skipped(tls, "the name has no usable address");
        return false;
    };
    match connect.result {
        Ok(()) => {
            let port = vcenter.url.port_or_known_default().unwrap_or_default();
            report.found_in(tcp, Finding::Passed(format!("port {port} accepts connections")), connect.elapsed);
        }
        Err(err) => {
            report.found_in(tcp, unreachable(&err), connect.elapsed);
            report.skipped(tls, "nothing answers there");
            return false;
        }
    }
    match handshake {
        Some(Timed { result: Ok((facts, by)), elapsed }) => report.found_in(tls, certificate(&facts, by), elapsed),
        Some(Timed { result: Err(err), elapsed }) => {
            report.found_in(tls, unreachable(&err), elapsed);
            return false;
        }
        None => report.skipped(tls, "the URL begins with http://"),
    }
    true
}

fn resolved(resolve: &Timed<Vec<SocketAddr>>) -> Finding {
    match &resolve.result {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.iter().map(|it| it.ip().to_string()).collect();
            Finding::Passed(format!("the host is at {}", addresses.join(", ")))
        }
        Err(err) => unreachable(err),
    }
}

fn unreachable(err: &HttpError) -> Finding {
    Finding::Failed { detail: err.to_string(), remedy: err.remedy() }
}

fn failed(err: &CallError) -> Finding {
    Finding::Failed { detail: err.to_string(), remedy: err.remedy() }
}

fn certificate(facts: &CertificateFacts, by: TrustedBy) -> Finding {
    let told = told(facts);
    match by {
        TrustedBy::Chain => Finding::Passed(told),
        TrustedBy::Fingerprint if facts.is_expired() => Finding::Warning {
            detail: format!("the pinned certificate has expired: {told}"),
            remedy: "renew the certificate of the vCenter and pin the new one".to_owned(),
        },
        TrustedBy::Fingerprint => Finding::Passed(format!("trusted by its fingerprint: {told}")),
        TrustedBy::Nothing => Finding::Warning {
            detail: format!("the certificate is not verified: {told}"),
            remedy: format!(
                "turn sslVerification on and give caCertificate, or pin this one: certificateFingerprints = [\"{}\"]",
                facts.sha256
            ),
        },
    }
}

fn told(facts: &CertificateFacts) -> String {
    let date = |time: Option<Timestamp>| time.map_or_else(|| "unknown".to_owned(), |it| it.to_string());
    format!(
        "subject {}, issuer {}, valid from {} to {}, SHA-256 {}",
        facts.subject,
        facts.issuer,
        date(facts.not_before),
        date(facts.not_after),
        facts.sha256
    )
}

fn api(about: &crate::session::About) -> Finding {
    if let Err(detail) = supported(about) {
        let remedy = "use the URL of a vCenter Server of vSphere 6.7 or later".to_owned();
        return Finding::Failed { detail, remedy };
    }
    let told = format!("{}, API {}, instance {}", about.full_name, about.api_version, about.instance_uuid);
    let version = numbers(&about.api_version);
    if version < numbers("6.7") {
        return Finding::Warning {
            detail: format!("{told}: this version is accepted but not supported"),
            remedy: "upgrade to vSphere 6.7 or later".to_owned(),
        };
    }
    if version >= numbers("10") {
        return Finding::Warning {
            detail: format!("{told}: newer than what this was written for"),
            remedy: "look for a newer release of Stackyard".to_owned(),
        };
    }
    Finding::Passed(told)
}

fn skew(theirs: Timestamp, before: Timestamp, after: Timestamp) -> Finding {
    // The answer was made somewhere between; only what lies outside is skew.
    let skew = if theirs < before {
        theirs.duration_since(before)
    } else if theirs > after {
        theirs.duration_since(after)
    } else {
        SignedDuration::ZERO
    };
    let seconds = skew.as_secs_f64();
    if skew.abs() <= MAX_SKEW {
        return Finding::Passed(format!("its clock differs from ours by {seconds:.1} s"));
    }
    Finding::Warning {
        detail: format!("its clock differs from ours by {seconds:.0} s"),
        remedy: "let the vCenter and this machine take their time from the same NTP servers".to_owned(),
    }
}
