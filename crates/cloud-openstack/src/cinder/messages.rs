use serde::Deserialize;

use crate::{
    catalog::Service,
    error::clean,
    session::{At, Get, Session},
};

/// From here on (Cinder 10, 2017) messages can be asked for by what they are about.
/// <https://docs.openstack.org/cinder/latest/contributor/api_microversion_history.html>
const BY_RESOURCE: &str = "3.5";

#[derive(Deserialize)]
struct Messages {
    messages: Vec<Message>,
}

/// `GET /messages`: what Cinder tells users of what went wrong after it took an order, kept for 30 days.
#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    user_message: String,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    resource_uuid: Option<String>,
    #[serde(default)]
    created_at: String,
}

/// The last of a volume, with its request id. `None` where there is none, and where it is not told: words about a failure
/// are no reason for another.
pub(super) async fn last(session: &Session, region: &str, volume: &str) -> Option<String> {
    let query = [("resource_uuid", volume)];
    let call = Get::new(At { service: Service::Volume, region }, "/messages").query(&query);
    let answer = session.get::<Messages>(&Get { microversion: Some(BY_RESOURCE), ..call }).await;
    let messages = answer.inspect_err(|err| tracing::debug!("no messages of volume {volume}: {err}")).ok()?.messages;
    let own = messages.into_iter().filter(|it| it.resource_uuid.as_deref() == Some(volume));
    let last = own.max_by(|a, b| a.created_at.cmp(&b.created_at))?;
    let request = last.request_id.map(|it| format!(" (request {})", clean(&it))).unwrap_or_default();
    Some(format!("{}{request}", clean(&last.user_message)))
}
