use cloud::{
    CloudError,
    operation::{Progress, Target},
    server::Order,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    actions::{self, Outcome},
    marked::{self, WITH_TAGS, too_old},
    ready::{missing, ready},
};
use crate::{
    catalog::Service,
    glance::snapshots,
    session::{At, Change, Session},
};

/// A property of the image: the operation that made it.
pub(crate) const OPERATION: &str = "stackyard_operation";
/// Where it says what it is for.
pub(crate) const DESCRIPTION: &str = "description";

/// An image of the server, which Nova makes before it answers, with its property, and fills then.
/// <https://docs.openstack.org/api-ref/compute/#create-image-createimage-action>
pub(crate) async fn snapshot(
    session: &Session,
    target: &Target,
    id: Uuid,
    (name, description): (&str, &str),
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    let (region, cloud_id) = (target.location.0.as_str(), target.cloud_id.as_str());
    let id = id.to_string();
    let mut images = snapshots::list(session, region, &[(OPERATION, &id)]).await?;
    images.retain(|it| it.operation.as_deref() == Some(&id));
    if let Some(image) = images.into_iter().next() {
        return Ok(match image.status.as_str() {
            "queued" | "saving" | "uploading" | "importing" => Progress::UnderWay(order.cloned()),
            "active" | "deactivated" => Progress::Done(Some(image.id)),
            status => Progress::Failed { message: format!("image {} is {status}", image.id) },
        });
    }
    if let Some(order) = order {
        return Ok(match actions::outcome(session, region, cloud_id, order).await? {
            Outcome::UnderWay => Progress::UnderWay(Some(order.clone())),
            Outcome::Failed { message } => Progress::Failed { message },
            Outcome::Ended => {
                let request = order.request_id.as_deref().unwrap_or("unknown");
                Progress::Failed { message: format!("image {} is gone (request {request})", order.id) }
            }
        });
    }
    ready(session, region, cloud_id, "a snapshot", &["ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED"]).await?;
    #[derive(Deserialize)]
    struct Made {
        image_id: String,
    }
    let mut metadata = json!({ OPERATION: id });
    if !description.is_empty() {
        metadata[DESCRIPTION] = description.into();
    }
    let path = format!("{}/action", marked::path(cloud_id).ok_or_else(|| missing(region, cloud_id))?);
    let body = json!({ "createImage": { "name": name, "metadata": metadata } });
    let call = Change::post(At { service: Service::Compute, region }, &path, body);
    // From 2.45 on the image's id is in the body.
    let answer = session.change(&Change { microversion: Some(WITH_TAGS), ..call }).await;
    let answer = answer.map_err(|err| too_old(region, err))?;
    let made: Made = session.parse(&answer.url, &answer.body)?;
    Ok(Progress::UnderWay(Some(answer.order(made.image_id))))
}
