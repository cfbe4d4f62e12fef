//! What a credential can do, looked at piece by piece. The connection first, step by step; then all services of all
//! regions at once. What cannot be looked at is reported as skipped, so that a report always has the same shape.

mod connection;
mod lists;
mod quotas;
mod services;

use cloud::check::{Certificate, Finding, Reporter};
use cloud_http::{CertificateFacts, HttpError};
use futures_util::future::join_all;

use crate::{
    catalog::Service,
    error::Error,
    session::{At, Session},
};

pub(crate) async fn validate(session: &Session, report: &Reporter) {
    match connection::look(session, report).await {
        Ok(regions) => {
            let all = regions.iter().flat_map(|region| Service::ALL.map(|service| At { service, region }));
            let works = join_all(all.map(|at| async move { (at, services::look(session, report, at).await) })).await;
            let is_compute = |(at, works): &&(At<'_>, bool)| *works && at.service == Service::Compute;
            let with_compute: Vec<&str> = works.iter().filter(is_compute).map(|(at, _)| at.region).collect();
            connection::compute(session, report, &with_compute);
        }
        Err(why) => {
            // Which regions there are is not known without a login.
            let region = session.config.region().unwrap_or("all regions");
            for service in Service::ALL {
                services::skip(report, At { service, region }, &why);
            }
        }
    }
}

/// A finding for a call that failed. What a failed check means is decided by whether it is required.
pub(crate) fn failed(err: &Error) -> Finding {
    match err {
        Error::Http(err) => not_reached(err),
        _ => Finding::Failed { detail: err.to_string(), remedy: err.remedy() },
    }
}

/// A refused certificate is told with its facts, so that a person can decide to pin it.
pub(crate) fn not_reached(err: &HttpError) -> Finding {
    let (detail, remedy) = (err.to_string(), err.remedy());
    let HttpError::Certificate { reason, leaf, .. } = err else { return Finding::Failed { detail, remedy } };
    let CertificateFacts { subject, issuer, not_before, not_after, sha256 } = (**leaf).clone();
    let certificate = Certificate { reason: reason.clone(), subject, issuer, not_before, not_after, sha256 };
    Finding::Untrusted { detail, remedy, certificate: Box::new(certificate) }
}
