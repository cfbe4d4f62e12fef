//! Looks at everything a credential needs in one vCenter.

mod connection;
mod privileges;
mod survey;

use std::sync::Arc;

use cloud::check::{Finding, Reporter, Subject};
use cloud_http::{Client, Exit, Trust};
use secrecy::SecretString;

use crate::{config, session::VCenter};

/// All checks of one vCenter; what cannot be looked at is reported as skipped.
pub async fn validate(vcenter: &Arc<VCenter>, report: &Reporter) {
    let is_connected = connection::connect(vcenter, report).await;
    if !is_connected {
        report.skipped(required("vsphere.login", vcenter), "there is no usable vCenter to log in to");
    }
    if !is_connected || !connection::log_in(vcenter, report).await {
        let because = "not logged in";
        for id in ["vsphere.clock", "vsphere.inventory"] {
            report.skipped(optional(id, vcenter), because);
        }
        privileges::skipped(vcenter, report, because);
        return;
    }
    let (survey, ()) = tokio::join!(survey::look(vcenter, report), connection::clock(vcenter, report));
    match survey {
        Some(survey) => privileges::look(vcenter, &survey, report).await,
        None => privileges::skipped(vcenter, report, "the inventory could not be read"),
    }
}

/// What can be seen of a vCenter without a user: `vsphere.url`, `vsphere.dns`, `vsphere.tcp`, `vsphere.tls` and
/// `vsphere.api`.
pub async fn check_ports(url: &str, trust: Trust, exit: Arc<Exit>, report: &Reporter) {
    let endpoint = match config::endpoint(url) {
        Ok(endpoint) => endpoint,
        Err(why) => return connection::bad_url(format!("the URL {why}"), report),
    };
    match Client::new(exit, trust) {
        Ok(client) => {
            let vcenter = Arc::new(VCenter::new(endpoint, String::new(), SecretString::default(), client));
            connection::connect(&vcenter, report).await;
        }
        Err(err) => {
            let group = config::origin(&endpoint);
            let finding = Finding::Failed {
                detail: err.to_string(),
                remedy: "give PEM certificates and SHA-256 fingerprints".to_owned(),
            };
            report.found(Subject::required("vsphere.tls", group, endpoint.as_str()), finding);
        }
    }
}

fn required(id: &'static str, vcenter: &VCenter) -> Subject {
    Subject::required(id, vcenter.origin.clone(), vcenter.url.as_str())
}

fn optional(id: &'static str, vcenter: &VCenter) -> Subject {
    Subject::optional(id, vcenter.origin.clone(), vcenter.url.as_str())
}
