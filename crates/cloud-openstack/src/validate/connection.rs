use cloud::check::{Finding, Reporter, Subject};
use cloud_http::{HttpError, Probe, Timed, TrustedBy};
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout_at;

use super::failed;
use crate::{
    catalog::{Catalog, Service},
    config::origin,
    error::Error,
    keystone::Login,
    session::Session,
};

const GROUP: &str = "connection";
/// All of it, in order; what follows a failed one is skipped.
const STEPS: [(&str, bool); 8] = [
    ("openstack.url", true),
    ("openstack.dns", true),
    ("openstack.tcp", true),
    ("openstack.tls", true),
    ("openstack.keystone.version", true),
    ("openstack.auth", true),
    ("openstack.catalog", true),
    ("openstack.regions", false),
];
/// A password that ends within this time is worth a word.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The way to a token and a catalog. Returns the regions to look at, or why there are none to look at.
pub(super) async fn look(session: &Session, report: &Reporter) -> Result<Vec<String>, String> {
    let steps = Steps { report, target: session.typed().to_string(), is_tls: session.typed().scheme() == "https" };
    steps.found("openstack.url", Finding::Passed(format!("Keystone is looked for at {}", origin(session.typed()))));
    steps.reach(session).await?;

    let step = "openstack.keystone.version";
    let version = async {
        match session.keystone().await {
            Ok(it) => (Finding::Passed(format!("identity API {} at {}", it.version, it.base)), true),
            Err(err) => (failed(&err), false),
        }
    };
    steps.needed(step, report.run(steps.subject(step), version).await)?;

    let step = "openstack.auth";
    let auth = async {
        match session.login().await {
            Ok(login) => (logged_in(session, &login), Some(login)),
            Err(err @ Error::Login(_)) => (session.explain(&err).await, None),
            Err(err) => (failed(&err), None),
        }
    };
    let login = report.run(steps.subject(step), auth).await.flatten();
    steps.needed(step, Some(login.is_some()))?;
    let Some(login) = login else { return Err(String::new()) };
    steps.catalog(session, &login.catalog)
}

struct Steps<'a> {
    report: &'a Reporter,
    target: String,
    is_tls: bool,
}

impl Steps<'_> {
    fn subject(&self, step: &'static str) -> Subject {
        match STEPS.iter().any(|(id, required)| *id == step && *required) {
            true => Subject::required(step, GROUP, self.target.clone()),
            false => Subject::optional(step, GROUP, self.target.clone()),
        }
    }

    fn found(&self, step: &'static str, finding: Finding) {
        self.report.found(self.subject(step), finding);
    }

    /// Goes on if the step ended well; otherwise skips all that follow.
    fn needed(&self, step: &str, ended_well: Option<bool>) -> Result<(), String> {
        if ended_well == Some(true) {
            return Ok(());
        }
        let why = format!("not looked at, because {step} did not pass");
        let after = STEPS.iter().skip_while(|(id, _)| *id != step).skip(1);
        for (id, _) in after.filter(|(id, _)| self.is_tls || *id != "openstack.tls") {
            self.report.skipped(self.subject(id), why.clone());
        }
        Err(why)
    }

    /// Name, connection and certificate.
    async fn reach(&self, session: &Session) -> Result<(), String> {
        let probe = timeout_at(self.report.deadline(), session.http().probe(session.typed())).await;
        let Ok(Probe { resolve, connect, tls }) = probe else {
            // The limit was reached: the report says so itself for whatever it is asked to wait for.
            let step = "openstack.dns";
            let ended = self.report.run(self.subject(step), std::future::pending::<(Finding, bool)>()).await;
            return self.needed(step, ended);
        };
        let addresses = self.step("openstack.dns", &resolve, |addresses| {
            let ips: Vec<String> = addresses.iter().map(|it| it.ip().to_string()).collect();
            Finding::Passed(format!("{} is at {}", session.typed().host_str().unwrap_or_default(), ips.join(", ")))
        });
        addresses?;
        if let Some(connect) = connect {
            let port = session.typed().port_or_known_default().unwrap_or_default();
            self.step("openstack.tcp", &connect, |()| Finding::Passed(format!("port {port} accepts connections")))?;
        }
        if let Some(tls) = tls {
            self.step("openstack.tls", &tls, |(facts, by)| {
                let until = facts.not_after.map_or_else(|| "an unknown date".to_owned(), |it| it.to_string());
                let subject = &facts.subject;
                match by {
                    TrustedBy::Chain => Finding::Passed(format!("certificate of {subject}, valid until {until}")),
                    TrustedBy::Fingerprint if facts.is_expired() => Finding::Warning {
                        detail: format!("the pinned certificate of {subject} has expired ({until})"),
                        remedy: "renew the certificate and pin the new one".to_owned(),
                    },
                    TrustedBy::Fingerprint => {
                        Finding::Passed(format!("pinned certificate of {subject}, valid until {until}"))
                    }
                    TrustedBy::Nothing => Finding::Warning {
                        detail: format!(
                            "verification is off, so anybody on the way can read the password; seen: {subject}, {}",
                            facts.sha256
                        ),
                        remedy: format!(
                            "turn sslVerification on and give caCertificate, or pin it: certificateFingerprints = [\"{}\"]",
                            facts.sha256
                        ),
                    },
                }
            })?;
        }
        Ok(())
    }

    fn step<T>(&self, step: &'static str, looked: &Timed<T>, good: impl FnOnce(&T) -> Finding) -> Result<(), String> {
        let finding = match &looked.result {
            Ok(it) => good(it),
            Err(err) => failed_step(err),
        };
        self.report.found_in(self.subject(step), finding, looked.elapsed);
        self.needed(step, Some(looked.result.is_ok()))
    }

    fn catalog(&self, session: &Session, catalog: &Catalog) -> Result<Vec<String>, String> {
        let step = "openstack.catalog";
        let interface = session.config.interface;
        let all = catalog.regions();
        let used = match catalog.used_regions(&session.config) {
            Ok(used) => used,
            Err(err) => {
                self.found(step, failed(&err));
                self.needed(step, Some(false))?;
                return Ok(Vec::new());
            }
        };
        let found = |region: &&String| catalog.find(Service::Compute, region, interface);
        let with_compute: Vec<&str> = used.iter().filter(|it| found(it).is_ok()).map(String::as_str).collect();
        if with_compute.is_empty() {
            let why = used.first().and_then(|it| found(&it).err());
            self.found(
                step,
                match why {
                    Some(err) => failed(&err),
                    None => Finding::Failed {
                        detail: "the catalog of this project is empty".to_owned(),
                        remedy: "ask the cloud's administrator which project and interface to use".to_owned(),
                    },
                },
            );
            self.needed(step, Some(false))?;
        }
        let n_services = catalog.n_services();
        let with_compute = with_compute.join(", ");
        self.found(step, Finding::Passed(format!("{n_services} services, compute in {with_compute}")));
        let unused: Vec<&str> = all.iter().filter(|it| !used.contains(it)).map(String::as_str).collect();
        let detail = match unused.is_empty() {
            true => used.join(", "),
            false => format!("{} (not used: {})", used.join(", "), unused.join(", ")),
        };
        self.found("openstack.regions", Finding::Passed(detail));
        Ok(used)
    }
}

fn failed_step(err: &HttpError) -> Finding {
    Finding::Failed { detail: err.to_string(), remedy: err.remedy() }
}

fn logged_in(session: &Session, login: &Login) -> Finding {
    let project = login.project.as_ref().map(|it| it.shown()).unwrap_or_default();
    let roles = match login.roles.is_empty() {
        true => "no roles".to_owned(),
        false => format!("roles {}", login.roles.join(", ")),
    };
    let assumed = match session.config.assumes_domain() {
        true => "; no domain was given, so the one with the id \"default\" was used",
        false => "",
    };
    let detail = format!("user {}, project {project}, {roles}{assumed}", login.user.shown());
    match login.password_expires_at {
        Some(end) if end.duration_since(Timestamp::now()) < SOON => Finding::Warning {
            detail: format!("{detail}; the password expires at {end}"),
            remedy: "change the password, or use an application credential".to_owned(),
        },
        _ => Finding::Passed(detail),
    }
}
