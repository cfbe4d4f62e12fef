use cloud::{CloudError, server::PowerChange};
use serde_json::{Value, json};

use super::marked;
use crate::{
    catalog::Service,
    session::{At, Change, Session},
};

/// `POST /servers/{id}/action`: <https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action>.
/// Nova says 409 when the server is in no state for it.
pub(crate) async fn change(
    session: &Session,
    region: &str,
    cloud_id: &str,
    change: PowerChange,
) -> Result<(), CloudError> {
    let missing = || CloudError::NotFound(format!("there is no server {cloud_id} in {region}"));
    let path = marked::path(cloud_id).ok_or_else(missing)?;
    let body = match change {
        PowerChange::RebootSoft => json!({ "reboot": { "type": "SOFT" } }),
        PowerChange::RebootHard => json!({ "reboot": { "type": "HARD" } }),
        PowerChange::On | PowerChange::Suspend => {
            let server = marked::find_one(session, region, cloud_id).await?.ok_or_else(missing)?;
            let status = server.status.as_deref().unwrap_or("UNKNOWN");
            if let Some(task) = &server.task_state {
                return Err(CloudError::Conflict(format!(
                    "server {cloud_id} is {status}, and Nova works on it ({task})"
                )));
            }
            match step(change, status) {
                Step::None => return Ok(()),
                Step::Take(action) => json!({ action: Value::Null }),
                Step::Impossible => return Err(CloudError::Conflict(format!("server {cloud_id} is {status}"))),
            }
        }
    };
    let at = At { service: Service::Compute, region };
    session.change(&Change::post(at, &format!("{path}/action"), body)).await?;
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It is as wanted.
    None,
    /// Nova's name for it.
    Take(&'static str),
    Impossible,
}

/// What leads from a status to `On` or `Suspend`. A paused server is as good as suspended.
fn step(change: PowerChange, status: &str) -> Step {
    match (change, status) {
        (PowerChange::On, "ACTIVE" | "RESCUE" | "VERIFY_RESIZE") => Step::None,
        (PowerChange::On, "SHUTOFF") => Step::Take("os-start"),
        (PowerChange::On, "SUSPENDED") => Step::Take("resume"),
        (PowerChange::On, "PAUSED") => Step::Take("unpause"),
        (PowerChange::On, "SHELVED" | "SHELVED_OFFLOADED") => Step::Take("unshelve"),
        (PowerChange::On, _) => Step::Impossible,
        (_, "SUSPENDED" | "PAUSED") => Step::None,
        _ => Step::Take("suspend"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_on_depends_on_where_it_is() {
        let check = |status: &str, on: Step, suspend: Step| {
            assert_eq!((step(PowerChange::On, status), step(PowerChange::Suspend, status)), (on, suspend), "{status}");
        };
        check("ACTIVE", Step::None, Step::Take("suspend"));
        check("SHUTOFF", Step::Take("os-start"), Step::Take("suspend"));
        check("SUSPENDED", Step::Take("resume"), Step::None);
        check("PAUSED", Step::Take("unpause"), Step::None);
        check("SHELVED_OFFLOADED", Step::Take("unshelve"), Step::Take("suspend"));
        check("ERROR", Step::Impossible, Step::Take("suspend"));
    }
}
