use std::sync::Arc;

use cloud::check::{Certificate, Finding, Reporter, Subject};
use cloud_http::{CertificateFacts, HttpError};
use jiff::{SignedDuration, Timestamp};

use crate::{
    content::{About, numbers, supported},
    session::{Session, VCenter},
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
    if !reach(vcenter, report).await {
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

pub async fn log_in(vcenter: &Arc<VCenter>, report: &Reporter) -> Option<Arc<Session>> {
    let login = async {
        match vcenter.session().await {
            Ok(session) => {
                let version = &session.api_version;
                (Finding::Passed(format!("logged in; API version {version} is spoken")), Some(session))
            }
            Err(err) => (failed(&err), None),
        }
    };
    report.run(required("vsphere.login", vcenter), login).await.flatten()
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

/// Name, connection and, where the URL asks for it, certificate.
async fn reach(vcenter: &VCenter, report: &Reporter) -> bool {
    let is_tls = vcenter.url.scheme() == "https";
    let skip_tls = |because: &str| {
        if is_tls {
            report.skipped(required("vsphere.tls", vcenter), because);
        }
        false
    };
    let mut probe = vcenter.client().probe(&vcenter.url);
    let resolve = async {
        let addresses: Vec<_> = probe.resolve().await?.iter().map(|it| it.ip().to_string()).collect();
        Ok(Finding::Passed(format!("the host is at {}", addresses.join(", "))))
    };
    if !step("vsphere.dns", vcenter, report, resolve).await {
        report.skipped(required("vsphere.tcp", vcenter), "the name has no usable address");
        return skip_tls("the name has no usable address");
    }
    let connect = async {
        probe.connect().await?;
        let port = vcenter.url.port_or_known_default().unwrap_or_default();
        Ok(Finding::Passed(format!("port {port} accepts connections")))
    };
    if !step("vsphere.tcp", vcenter, report, connect).await {
        return skip_tls("nothing answers there");
    }
    let handshake = async {
        let (facts, by) = probe.handshake().await?;
        Ok(match facts.verdict(by) {
            (detail, None) => Finding::Passed(detail),
            (detail, Some(remedy)) => Finding::Warning { detail, remedy },
        })
    };
    !is_tls || step("vsphere.tls", vcenter, report, handshake).await
}

/// True where it ended well.
async fn step(
    id: &'static str,
    vcenter: &VCenter,
    report: &Reporter,
    look: impl Future<Output = Result<Finding, HttpError>>,
) -> bool {
    let look = async {
        match look.await {
            Ok(finding) => (finding, true),
            Err(err) => (not_reached(err), false),
        }
    };
    report.run(required(id, vcenter), look).await.unwrap_or(false)
}

/// A refused certificate is told with its facts, so that a person can decide to pin it.
fn not_reached(err: HttpError) -> Finding {
    let (detail, remedy) = (err.to_string(), err.remedy());
    let HttpError::Certificate { reason, leaf, .. } = err else { return Finding::Failed { detail, remedy } };
    let CertificateFacts { subject, issuer, not_before, not_after, sha256 } = *leaf;
    let certificate = Certificate { reason, subject, issuer, not_before, not_after, sha256 };
    Finding::Untrusted { detail, remedy, certificate: Box::new(certificate) }
}

fn failed(err: &CallError) -> Finding {
    Finding::Failed { detail: err.to_string(), remedy: err.remedy() }
}

fn api(about: &About) -> Finding {
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
