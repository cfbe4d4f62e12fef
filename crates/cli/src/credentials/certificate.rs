//! Certificates that a validation did not trust.

use api_types::validations::{CheckStatus, Validation};

use crate::output::note;

/// SHA-256 of each certificate that was refused, of which the user has been told subject, issuer and dates.
pub fn untrusted(report: &Validation) -> Vec<String> {
    let mut fingerprints = Vec::new();
    for check in report.checks.iter().filter(|it| it.status == CheckStatus::Failed) {
        let fingerprint = check.certificate.as_ref().map(|it| it.sha256.clone());
        let Some(fingerprint) = fingerprint.filter(|it| !fingerprints.contains(it)) else { continue };
        note(&format!("\nThe certificate of {} is not trusted:\n  {}", check.target, check.detail));
        note(&format!(
            "If that is the fingerprint its operator tells you, pin it:\n  --fingerprint {fingerprint}\n\
             Or give the certificate of its authority: --ca-certificate FILE"
        ));
        fingerprints.push(fingerprint);
    }
    fingerprints
}

#[cfg(test)]
mod tests {
    use api_types::validations::{Certificate, Check};

    use super::*;

    fn report(status: CheckStatus, sha256: Option<&str>) -> Validation {
        let certificate = |sha256: &str| Certificate {
            reason: "unknown issuer".to_owned(),
            subject: "CN=x".to_owned(),
            issuer: "CN=x".to_owned(),
            not_before: None,
            not_after: None,
            sha256: sha256.to_owned(),
        };
        let check = Check {
            id: "vsphere.tls".to_owned(),
            group: "connection".to_owned(),
            target: "https://vc".to_owned(),
            status,
            required: true,
            detail: "not trusted".to_owned(),
            remedy: None,
            elapsed_ms: 1,
            operations: Vec::new(),
            certificate: sha256.map(certificate),
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
        assert_eq!(untrusted(&report(CheckStatus::Failed, Some(&pin))), [pin.as_str()]);
        assert!(untrusted(&report(CheckStatus::Warning, Some(&pin))).is_empty());
        assert!(untrusted(&report(CheckStatus::Failed, None)).is_empty());
    }
}
