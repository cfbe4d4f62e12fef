//! The same of volumes and networks, which belong to no farm role, and of keypairs.

use std::time::Duration;

use api_types::servers::Failure;
use cloud::CloudError;

use super::{Class, Known, failure, sorted};
use crate::sync::describe;

/// Texts of Cinder, Neutron and Nova, in lower case; the first that fits counts.
const KNOWN: &[Known] = known! {
    Capacity "maximum number of volumes allowed": "the project's quota of volumes is used up",
        "delete unused volumes or have the quota raised";
    Capacity "volumelimitexceeded": "the project's quota of volumes is used up",
        "delete unused volumes or have the quota raised";
    Capacity "gigabytes quota": "the project's quota of volume storage is used up",
        "ask for less, delete unused volumes, or have the quota raised";
    Capacity "quota exceeded for resources": "a quota of networks, routers, security groups or floating IPs is used up",
        "remove unused ones of the project or have the quota raised";
    Permanent "volume type": "the cloud does not take this volume type",
        "list the volume types of the location, delete this one, and create it anew with one of them";
    Permanent "volumetype": "the cloud does not take this volume type",
        "list the volume types of the location, delete this one, and create it anew with one of them";
    Permanent "availability zone": "the cloud does not take this availability zone",
        "list the availability zones of the location, delete this one, and create it anew in one of them";
    Capacity "too many key pairs": "the quota of keypairs of the credentials' user is used up",
        "delete keypairs of that user that nobody needs or have the quota raised";
    Permanent "os_compute_api:os-keypairs": "the cloud does not let the credentials' user have keypairs",
        "have the cloud's operator allow it";
    Permanent "keypair data is invalid": "the cloud does not take the public key",
        "see the cloud's own words, and ask its operator which keys it takes";
    Failed "with another public key": "somebody made another keypair of the same name",
        "delete that keypair in the cloud, as the user of the credentials";
    Failed "no valid backend": "no storage backend has room for the volume",
        "delete this one, and create a smaller one or one of another type";
};

/// A cloud's refusal of a volume, network or keypair, with the time until the next try.
pub fn of_error(err: &CloudError, n_tries: i64) -> (Failure, Duration) {
    sorted(err, n_tries, find(&describe(err)))
}

/// The cloud gave up on a volume, network or keypair.
pub fn of_failed(message: &str) -> Failure {
    let known = find(message);
    let summary = known.map_or("the cloud gave up on it", |it| it.summary);
    let next = known.map_or("see the cloud's own words; delete it and create another", |it| it.next);
    failure(Class::Failed, summary.to_owned(), vec![message.to_owned()], next, None)
}

/// It was ready, and two readings do not find what is told by `evidence`.
pub fn missing(evidence: Vec<String>) -> Failure {
    let summary = "it was deleted in its cloud, or a part of it; nothing was made in its place";
    let next = "delete it here too, and create another if it is needed";
    failure(Class::Missing, summary.to_owned(), evidence, next, None)
}

fn find(text: &str) -> Option<&'static Known> {
    let lower = text.to_lowercase();
    KNOWN.iter().find(|it| lower.contains(it.part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(err: &CloudError, class: &str, summary: &str) {
        let (failure, after) = of_error(err, 0);
        assert_eq!((failure.class.as_str(), failure.summary.as_str()), (class, summary));
        let next = &failure.next_steps[0];
        assert!(!next.is_empty() && !next.contains("farm role") && !after.is_zero(), "{next}");
    }

    /// The texts are those of the clouds.
    #[test]
    fn what_clouds_say_of_assets_is_explained() {
        let quota = |text: &str| CloudError::QuotaExceeded(text.to_owned());
        let refused = |text: &str| CloudError::Refused(text.to_owned());
        let text = "413 VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.";
        check(&quota(text), "capacity", "the project's quota of volumes is used up");
        let text = "413 VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. \
                    Requested 999999G, quota is 10000G and 1G has been consumed.";
        check(&quota(text), "capacity", "the project's quota of volume storage is used up");
        let text = "404 Volume type with name none could not be found.";
        check(&refused(text), "permanent", "the cloud does not take this volume type");
        let text = "400 Invalid input received: Availability zone 'none' is invalid.";
        check(&refused(text), "permanent", "the cloud does not take this availability zone");
        let text = "409 Quota exceeded for resources: ['router'].";
        check(&quota(text), "capacity", "a quota of networks, routers, security groups or floating IPs is used up");
        let used = CloudError::Conflict("volume 5 is in-use by server 6; detach it first".to_owned());
        check(&used, "transient", "conflict: volume 5 is in-use by server 6; detach it first");
        let failed =
            of_failed("volume 5 is error: schedule allocate volume:Could not find any available weighted backend.");
        assert_eq!((failed.class.as_str(), failed.summary.as_str()), ("failed", "the cloud gave up on it"));
        let text = "403 Quota exceeded, too many key pairs.";
        check(&quota(text), "capacity", "the quota of keypairs of the credentials' user is used up");
        let forbidden = CloudError::Forbidden(
            "403 Policy doesn't allow os_compute_api:os-keypairs:create to be performed.".to_owned(),
        );
        check(&forbidden, "permanent", "the cloud does not let the credentials' user have keypairs");
        let text = "400 Keypair data is invalid: failed to generate fingerprint";
        check(&refused(text), "permanent", "the cloud does not take the public key");
        let failed = of_failed("keypair stackyard-5 is there with another public key");
        assert_eq!(failed.summary, "somebody made another keypair of the same name");
        assert_eq!(missing(vec!["volume 5".to_owned()]).class, "missing");
    }
}
