//! The report of a validation: what was looked at, what was found, what to do.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc::UnboundedSender,
    time::{Instant, timeout_at},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    Passed,
    Warning,
    Failed,
    /// Not looked at, because something it needs failed; `detail` says what.
    Skipped,
}

/// One thing that was looked at. Identified by (`id`, `target`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Stable, dotted: `openstack.service.compute`, `vsphere.privilege.VirtualMachine.Provisioning.Clone`.
    pub id: String,
    /// Heading it is shown under: `connection`, `RegionOne`, `https://vc2.example/sdk`.
    pub group: String,
    /// What it was asked of: a URL, `RegionOne`, `datacenter DC0`.
    pub target: String,
    pub status: CheckStatus,
    /// When it fails, the credential is not saved as enabled.
    pub required: bool,
    /// One plain sentence without a final dot: what was found.
    pub detail: String,
    /// What to do about a warning or failure.
    pub remedy: Option<String>,
    pub elapsed_ms: u64,
    /// Of a privilege: what fails without it, whether it is there or not. Else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<String>,
    /// The one that was shown and is not trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Box<Certificate>>,
}

/// What a person needs to decide about a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Why it is not trusted.
    pub reason: String,
    pub subject: String,
    pub issuer: String,
    /// `None` where the certificate cannot be read.
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
    /// Upper-case hexadecimal with colons, as a pin is written.
    pub sha256: String,
}

/// What is about to be looked at.
#[derive(Debug, Clone)]
pub struct Subject {
    pub id: Cow<'static, str>,
    pub group: String,
    pub target: String,
    pub required: bool,
    pub operations: Vec<String>,
}

impl Subject {
    pub fn required(id: impl Into<Cow<'static, str>>, group: impl Into<String>, target: impl Into<String>) -> Self {
        Subject { id: id.into(), group: group.into(), target: target.into(), required: true, operations: Vec::new() }
    }

    /// A check that can at most warn.
    pub fn optional(id: impl Into<Cow<'static, str>>, group: impl Into<String>, target: impl Into<String>) -> Self {
        Subject { id: id.into(), group: group.into(), target: target.into(), required: false, operations: Vec::new() }
    }

    /// What fails where this does.
    pub fn blocks(mut self, operations: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.operations = operations.into_iter().map(Into::into).collect();
        self
    }
}

/// The result of looking.
#[derive(Debug, Clone)]
pub enum Finding {
    Passed(String),
    /// Works, but something should be known or done.
    Warning {
        detail: String,
        remedy: String,
    },
    /// In a check that is not required this is shown as a warning; so is the next one.
    Failed {
        detail: String,
        remedy: String,
    },
    /// Failed, because this certificate is not trusted.
    Untrusted {
        detail: String,
        remedy: String,
        certificate: Box<Certificate>,
    },
}

/// Collects checks while they run. Each check is sent on as it ends, in the order of ending.
pub struct Reporter {
    sender: UnboundedSender<Check>,
    deadline: Instant,
    limit: Duration,
    /// Begun and not ended, with their beginning: what the deadline finds here did not answer.
    running: Mutex<BTreeMap<(String, String), (Subject, Instant)>>,
}

impl Reporter {
    /// `limit` is for all checks together, counted from now.
    pub fn new(sender: UnboundedSender<Check>, limit: Duration) -> Self {
        Reporter { sender, deadline: Instant::now() + limit, limit, running: Mutex::default() }
    }

    /// Runs one check and reports it. Returns what `look` returned beside its finding, or `None` when the limit was
    /// reached first.
    pub async fn run<T>(&self, subject: Subject, look: impl Future<Output = (Finding, T)>) -> Option<T> {
        let begun = Instant::now();
        let key = (subject.id.to_string(), subject.target.clone());
        self.running().insert(key.clone(), (subject.clone(), begun));
        let ended = timeout_at(self.deadline, look).await;
        self.running().remove(&key);
        match ended {
            Ok((finding, value)) => {
                self.send(subject, finding, begun.elapsed());
                Some(value)
            }
            Err(_) => {
                self.send(subject, self.too_late(begun.elapsed()), begun.elapsed());
                None
            }
        }
    }

    /// Reports something that needed no looking of its own.
    pub fn found(&self, subject: Subject, finding: Finding) {
        self.send(subject, finding, Duration::ZERO);
    }

    /// Reports something that was looked at elsewhere and took this long.
    pub fn found_in(&self, subject: Subject, finding: Finding, elapsed: Duration) {
        self.send(subject, finding, elapsed);
    }

    pub fn skipped(&self, subject: Subject, because: impl Into<String>) {
        let Subject { id, group, target, required, operations } = subject;
        let check = Check {
            id: id.into_owned(),
            group,
            target,
            status: CheckStatus::Skipped,
            required,
            detail: because.into(),
            remedy: None,
            elapsed_ms: 0,
            operations,
            certificate: None,
        };
        // The receiver may be gone: then nobody wants to know.
        let _ = self.sender.send(check);
    }

    /// For the one who dropped a running validation: reports what has not ended as failed.
    pub fn give_up(&self) {
        let running = std::mem::take(&mut *self.running());
        for (subject, begun) in running.into_values() {
            self.send(subject, self.too_late(begun.elapsed()), begun.elapsed());
        }
    }

    /// When the limit is reached. Calls of the driver outside [`Reporter::run`] should end by then too.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// A check may have begun late, so the time that it had is told beside the limit.
    fn too_late(&self, elapsed: Duration) -> Finding {
        let (had, limit) = (elapsed.as_secs_f64(), self.limit.as_secs());
        Finding::Failed {
            detail: format!("no answer within {had:.1} s, when the {limit} s for all checks were over"),
            remedy: "check that a firewall does not drop the traffic, or raise validation_limit".to_owned(),
        }
    }

    fn send(&self, subject: Subject, finding: Finding, elapsed: Duration) {
        let bad = if subject.required { CheckStatus::Failed } else { CheckStatus::Warning };
        let (status, detail, remedy, certificate) = match finding {
            Finding::Passed(detail) => (CheckStatus::Passed, detail, None, None),
            Finding::Warning { detail, remedy } => (CheckStatus::Warning, detail, Some(remedy), None),
            Finding::Failed { detail, remedy } => (bad, detail, Some(remedy), None),
            Finding::Untrusted { detail, remedy, certificate } => (bad, detail, Some(remedy), Some(certificate)),
        };
        let Subject { id, group, target, required, operations } = subject;
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let id = id.into_owned();
        let check = Check { id, group, target, status, required, detail, remedy, elapsed_ms, operations, certificate };
        let _ = self.sender.send(check);
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, String), (Subject, Instant)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_check_that_does_not_end_is_reported_and_the_others_stay() {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let report = Reporter::new(sender, Duration::from_millis(20));
        let quick = report.run(Subject::optional("quick", "g", "t"), async { (Finding::Passed("fine".into()), 7) });
        let slow = report.run(Subject::required("slow", "g", "t"), std::future::pending::<(Finding, u8)>());
        assert_eq!(tokio::join!(quick, slow), (Some(7), None));
        drop(report);
        let statuses: Vec<_> =
            std::iter::from_fn(|| receiver.blocking_recv_now()).map(|it| (it.id, it.status)).collect();
        assert_eq!(statuses, [("quick".into(), CheckStatus::Passed), ("slow".into(), CheckStatus::Failed)]);
    }

    trait RecvNow {
        fn blocking_recv_now(&mut self) -> Option<Check>;
    }
    impl RecvNow for tokio::sync::mpsc::UnboundedReceiver<Check> {
        fn blocking_recv_now(&mut self) -> Option<Check> {
            self.try_recv().ok()
        }
    }
}
