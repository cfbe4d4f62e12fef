//! Looks at everything a credential needs in one vCenter.

mod connection;
mod privileges;
mod survey;

use std::sync::Arc;

use cloud::check::{Finding, Reporter, Subject};
use cloud_http::{Client, Exit, Trust, origin};
use futures_util::{StreamExt, future::join, stream};
use secrecy::SecretString;

use crate::{
    config,
    session::{Session, VCenter},
    vsphere::VCENTERS_AT_ONCE,
};

/// All checks of all vCenters, the main one first; what cannot be looked at is reported as skipped. The linked ones have
/// the users of the main one, so they are logged in to only after that let us in: a wrong password sent to each of them
/// would lock the account.
pub async fn validate(vcenters: &[Arc<VCenter>], report: &Reporter) {
    let connecting: Vec<_> = vcenters.iter().map(|it| connection::connect(it, report)).collect();
    let connected: Vec<bool> = stream::iter(connecting).buffered(VCENTERS_AT_ONCE).collect().await;
    let Some((main, linked)) = vcenters.split_first() else { return };
    let session = log_in(main, connected[0], None, report).await;
    let refused = session.is_none().then_some("not tried, because the main vCenter let nobody in");
    let linked = linked.iter().zip(&connected[1..]).map(|(vcenter, is_connected)| async move {
        let session = log_in(vcenter, *is_connected, refused, report).await;
        look(vcenter, session, report).await;
    });
    let linked = stream::iter(linked.collect::<Vec<_>>()).buffer_unordered(VCENTERS_AT_ONCE);
    join(Box::pin(look(main, session, report)), linked.collect::<()>()).await;
}

async fn log_in(
    vcenter: &Arc<VCenter>,
    is_connected: bool,
    refused: Option<&str>,
    report: &Reporter,
) -> Option<Arc<Session>> {
    match refused {
        _ if !is_connected => {
            report.skipped(required("vsphere.login", vcenter), "there is no usable vCenter to log in to");
            None
        }
        Some(because) => {
            report.skipped(required("vsphere.login", vcenter), because);
            None
        }
        None => connection::log_in(vcenter, report).await,
    }
}

async fn look(vcenter: &Arc<VCenter>, session: Option<Arc<Session>>, report: &Reporter) {
    match session {
        Some(session) => {
            join(Box::pin(survey::look(vcenter, &session, report)), connection::clock(vcenter, report)).await;
        }
        None => {
            let because = "not logged in";
            report.skipped(optional("vsphere.clock", vcenter), because);
            survey::skipped(vcenter, report, because);
        }
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
            let group = origin(&endpoint);
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
