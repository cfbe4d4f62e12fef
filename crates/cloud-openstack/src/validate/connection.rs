use cloud::check::{Finding, Reporter, Subject};
use cloud_http::{HttpError, origin};
use jiff::{SignedDuration, Timestamp};

use super::{failed, not_reached};
use crate::{
    catalog::{Catalog, Service},
    error::Error,
    keystone::Login,
    session::Session,
};

const GROUP: &str = "connection";
/// All of it, in order; what follows a failed one is skipped.
const STEPS: [(&str, bool); 9] = [
    ("openstack.url", true),
    ("openstack.dns", true),
    ("openstack.tcp", true),
    ("openstack.tls", true),
    ("openstack.keystone.version", true),
    ("openstack.auth", true),
    ("openstack.catalog", true),
    ("openstack.regions", false),
    (COMPUTE, true),
];
/// Without servers there is nothing to manage.
const COMPUTE: &str = "openstack.compute";
/// A password that ends within this time is worth a word.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The way to a token and a catalog. Returns the regions to look at, or why there are none to look at.
pub(super) async fn look(session: &Session, report: &Reporter) -> Result<Vec<String>, String> {
    let steps = Steps::new(session, report);
    let place = format!("Keystone is looked for at {}", origin(session.typed()));
    let form = match steps.is_tls {
        true => Finding::Passed(place),
        false => Finding::Warning {
            detail: format!("{place}, without TLS: the password and all tokens travel unencrypted"),
            remedy: "use https:// unless the network between is trusted".to_owned(),
        },
    };
    steps.found("openstack.url", form);
    steps.reach(session).await?;

    let version = async {
        match session.keystone().await {
            Ok(it) => (Finding::Passed(format!("identity API {} at {}", it.version, it.base)), Some(())),
            Err(err) => (failed(&err), None),
        }
    };
    steps.run("openstack.keystone.version", version).await?;

    let auth = async {
        match session.login().await {
            Ok(login) => (logged_in(session, &login), Some(login)),
            Err(err @ Error::Login(_)) => (session.explain(&err).await, None),
            Err(err) => (failed(&err), None),
        }
    };
    let login = steps.run("openstack.auth", auth).await?;
    steps.catalog(session, &login.catalog)
}

/// The last of the steps: `regions` are those whose compute service answers.
pub(super) fn compute(session: &Session, report: &Reporter, regions: &[&str]) {
    let finding = match regions.is_empty() {
        false => Finding::Passed(format!("compute answers in {}", regions.join(", "))),
        true => Finding::Failed {
            detail: "the compute service answers in no region, so nothing can be launched or listed".to_owned(),
            remedy: "see the checks of the compute service for the reason in each region".to_owned(),
        },
    };
    Steps::new(session, report).found(COMPUTE, finding);
}

struct Steps<'a> {
    report: &'a Reporter,
    target: String,
    is_tls: bool,
}

impl<'a> Steps<'a> {
    fn new(session: &Session, report: &'a Reporter) -> Self {
        Steps { report, target: session.typed().to_string(), is_tls: session.typed().scheme() == "https" }
    }

    fn subject(&self, step: &'static str) -> Subject {
        match STEPS.iter().any(|(id, required)| *id == step && *required) {
            true => Subject::required(step, GROUP, self.target.clone()),
            false => Subject::optional(step, GROUP, self.target.clone()),
        }
    }

    fn found(&self, step: &'static str, finding: Finding) {
        self.report.found(self.subject(step), finding);
    }

    /// Runs one step. Where it has no value, skips all that follow and says so.
    async fn run<T>(&self, step: &'static str, look: impl Future<Output = (Finding, Option<T>)>) -> Result<T, String> {
        self.report.run(self.subject(step), look).await.flatten().ok_or_else(|| self.skip_after(step))
    }

    /// Returns why.
    fn skip_after(&self, step: &str) -> String {
        let why = format!("not looked at, because {step} did not pass");
        let after = STEPS.iter().skip_while(|(id, _)| *id != step).skip(1);
        for (id, _) in after.filter(|(id, _)| self.is_tls || *id != "openstack.tls") {
            self.report.skipped(self.subject(id), why.clone());
        }
        why
    }

    /// Name, connection and certificate.
    async fn reach(&self, session: &Session) -> Result<(), String> {
        let typed = session.typed();
        let mut probe = session.http().probe(typed);
        let resolve = async {
            let ips: Vec<String> = probe.resolve().await?.iter().map(|it| it.ip().to_string()).collect();
            Ok(Finding::Passed(format!("{} is at {}", typed.host_str().unwrap_or_default(), ips.join(", "))))
        };
        self.run("openstack.dns", told(resolve)).await?;
        let connect = async {
            probe.connect().await?;
            let port = typed.port_or_known_default().unwrap_or_default();
            Ok(Finding::Passed(format!("port {port} accepts connections")))
        };
        self.run("openstack.tcp", told(connect)).await?;
        if !self.is_tls {
            return Ok(());
        }
        let handshake = async {
            let (facts, by) = probe.handshake().await?;
            Ok(match facts.verdict(by) {
                (detail, None) => Finding::Passed(detail),
                (detail, Some(remedy)) => Finding::Warning { detail, remedy },
            })
        };
        self.run("openstack.tls", told(handshake)).await
    }

    fn catalog(&self, session: &Session, catalog: &Catalog) -> Result<Vec<String>, String> {
        let step = "openstack.catalog";
        let interface = session.config.interface;
        let all = catalog.regions();
        let used = match catalog.used_regions(&session.config) {
            Ok(used) => used,
            Err(err) => {
                self.found(step, failed(&err));
                return Err(self.skip_after(step));
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
            return Err(self.skip_after(step));
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

async fn told(step: impl Future<Output = Result<Finding, HttpError>>) -> (Finding, Option<()>) {
    match step.await {
        Ok(finding) => (finding, Some(())),
        Err(err) => (not_reached(&err), None),
    }
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
