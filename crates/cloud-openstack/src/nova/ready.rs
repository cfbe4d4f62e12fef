use cloud::CloudError;

use super::{marked, servers::NovaServer};
use crate::session::Session;

/// What Nova leads to another status by itself.
const TRANSIENT: [&str; 8] =
    ["BUILD", "REBUILD", "REBOOT", "HARD_REBOOT", "PASSWORD", "RESIZE", "REVERT_RESIZE", "MIGRATING"];

pub(super) fn missing(region: &str, cloud_id: &str) -> CloudError {
    CloudError::NotFound(format!("there is no server {cloud_id} in {region}"))
}

/// The server, when Nova works on nothing there and takes what is wanted in the status it has. Nova's own refusal, a
/// 409 both times, does not tell "not now" from "not like this".
pub(crate) async fn ready(
    session: &Session,
    region: &str,
    cloud_id: &str,
    what: &str,
    statuses: &[&str],
) -> Result<(), CloudError> {
    let server = marked::find_as(session, region, cloud_id, None).await?;
    check(&server.ok_or_else(|| missing(region, cloud_id))?, what, statuses)
}

pub(super) fn check(server: &NovaServer, what: &str, statuses: &[&str]) -> Result<(), CloudError> {
    let (id, status) = (&server.id, server.status.as_deref().unwrap_or("UNKNOWN"));
    if server.is_being_removed() {
        return Err(CloudError::NotFound(format!("server {id} is being removed")));
    }
    if let Some(task) = &server.task_state {
        return Err(CloudError::Conflict(format!("server {id} is {status}, and Nova works on it ({task})")));
    }
    if TRANSIENT.contains(&status) {
        return Err(CloudError::Conflict(format!("server {id} is {status}, and Nova works on it")));
    }
    if !statuses.contains(&status) {
        let needed = statuses.join(" or ");
        return Err(CloudError::Refused(format!("server {id} is {status}; {what} needs it {needed}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_waited_for_and_what_does_not_is_refused() {
        let answer = |fields: &str| {
            let server = serde_json::from_str(&format!(r#"{{"id": "s1", {fields}}}"#)).unwrap();
            check(&server, "a resize", &["ACTIVE", "SHUTOFF"])
        };
        for fields in [r#""status": "ACTIVE", "OS-EXT-STS:task_state": "image_uploading""#, r#""status": "BUILD""#] {
            assert!(matches!(answer(fields), Err(CloudError::Conflict(_))), "{fields}");
        }
        let suspended = answer(r#""status": "SUSPENDED""#).unwrap_err();
        assert!(matches!(suspended, CloudError::Refused(_)));
        let text = "the cloud refused the request: server s1 is SUSPENDED; a resize needs it ACTIVE or SHUTOFF";
        assert_eq!(suspended.to_string(), text);
        let removed = answer(r#""status": "ACTIVE", "OS-EXT-STS:task_state": "deleting""#);
        assert!(matches!(removed, Err(CloudError::NotFound(_))));
        assert!(answer(r#""status": "SHUTOFF", "OS-EXT-STS:task_state": null"#).is_ok());
    }
}
