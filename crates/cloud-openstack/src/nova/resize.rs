use cloud::{
    CloudError,
    operation::{Progress, Target},
    server::Order,
};
use serde_json::{Value, json};

use super::{
    actions::{self, Outcome},
    marked,
    ready::{self, missing},
};
use crate::{
    catalog::Service,
    session::{At, Change, Session},
};

/// A resize is two requests: the second, when the server has its new size, lets go of the old one.
/// <https://docs.openstack.org/api-ref/compute/#resize-server-resize-action>
pub(crate) async fn resize(
    session: &Session,
    target: &Target,
    flavor: &str,
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    let (region, id) = (target.location.0.as_str(), target.cloud_id.as_str());
    // As the oldest Nova tells it: the flavor by its id, where later ones have a name that can be given anew.
    let server = marked::find_as(session, region, id, None).await?.ok_or_else(|| missing(region, id))?;
    let is_wanted = server.flavor_id() == Some(flavor);
    match server.status.as_deref() {
        Some("RESIZE" | "REVERT_RESIZE") => return Ok(Progress::UnderWay(order.cloned())),
        Some("ERROR") => {
            let request_id = marked::last_request(session, region, &server.id).await?;
            let fault = marked::fault(&server, request_id);
            return Ok(Progress::Failed { message: format!("server {id} is ERROR: {fault}") });
        }
        _ => ready::check(&server, "a resize", &["ACTIVE", "SHUTOFF", "VERIFY_RESIZE"])?,
    }
    let at = At { service: Service::Compute, region };
    let path = format!("{}/action", marked::path(id).ok_or_else(|| missing(region, id))?);
    if server.status.as_deref() == Some("VERIFY_RESIZE") {
        let action = if is_wanted { "confirmResize" } else { "revertResize" };
        return match session.change(&Change::post(at, &path, json!({ action: Value::Null }))).await {
            Ok(_) => Ok(Progress::UnderWay(order.cloned())),
            // A server that is being confirmed looks as before, and Nova says that it "has not been resized".
            Err(err) if err.status() == Some(400) && actions::is_newest(session, region, id, action).await? => {
                Ok(Progress::UnderWay(order.cloned()))
            }
            Err(err) => Err(err.into()),
        };
    }
    if is_wanted {
        return Ok(Progress::Done(None));
    }
    let Some(order) = order else {
        let answer = session.change(&Change::post(at, &path, json!({ "resize": { "flavorRef": flavor } }))).await?;
        return Ok(Progress::UnderWay(Some(answer.order(id.to_owned()))));
    };
    Ok(match actions::outcome(session, region, id, order).await? {
        Outcome::UnderWay => Progress::UnderWay(Some(order.clone())),
        Outcome::Failed { message } => Progress::Failed { message },
        Outcome::Ended => {
            let request = order.request_id.as_deref().unwrap_or("unknown");
            let message = format!("server {id} has its old flavor again, and Nova tells no reason (request {request})");
            Progress::Failed { message }
        }
    })
}
