//! Certificates that a validation did not trust.

use api_types::validations::{Check, CheckStatus, Validation};

use crate::output::note;

/// SHA-256 of each certificate that was refused, of which the user has been told subject, issuer and dates.
pub fn untrusted(report: &Validation) -> Vec<String> {
    let mut fingerprints = Vec::new();
    for check in report.checks.iter().filter(|it| it.status == CheckStatus::Failed) {
        let Some(fingerprint) = fingerprint(check).filter(|it| !fingerprints.contains(it)) else { continue };
        note(&format!("\nThe certificate of {} is not trusted:\n  {}", check.target, check.detail));
        note(&format!(
            "If that is the fingerprint its operator tells you, pin it:\n  --fingerprint {fingerprint}\n\
             Or give the certificate of its authority: --ca-certificate FILE"
        ));
        fingerprints.push(fingerprint);
    }
    fingerprints
}

/// The drivers write `SHA-256 AA:BB:…` about a certificate they refused.
fn fingerprint(check: &Check) -> Option<String> {
    if !check.id.ends_with(".tls") {
        return None;
    }
    let (_, rest) = check.detail.split_once("SHA-256 ")?;
    let text: String = rest.chars().take_while(|it| it.is_ascii_hexdigit() || *it == ':').collect();
    (text.chars().filter(char::is_ascii_hexdigit).count() == 64).then(|| text.trim_end_matches(':').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str, status: CheckStatus, detail: &str) -> Validation {
        let check = Check {
            id: id.to_owned(),
            group: "connection".to_owned(),
            target: "https://vc".to_owned(),
            status,
            required: true,
            detail: detail.to_owned(),
            remedy: None,
            elapsed_ms: 1,
        };
        Validation {
            id: String::new(),
            status: api_types::validations::ValidationStatus::Failed,
            cloud_credentials_id: None,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            ended_at: None,
            checks: vec![check.clone(), check],
            changes: None,
        }
    }

    #[test]
    fn fingerprints_once_and_only_of_refused_certificates() {
        let pin = ["AB"; 32].join(":");
        let detail = format!("unknown issuer; subject CN=x, SHA-256 {pin}; more");
        assert_eq!(untrusted(&report("vsphere.tls", CheckStatus::Failed, &detail)), [pin.as_str()]);
        assert!(untrusted(&report("vsphere.tls", CheckStatus::Warning, &detail)).is_empty());
        assert!(untrusted(&report("vsphere.login", CheckStatus::Failed, &detail)).is_empty());
        assert!(untrusted(&report("vsphere.tls", CheckStatus::Failed, "SHA-256 AB:CD")).is_empty());
    }
}
