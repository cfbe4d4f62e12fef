//! What became of a guest's customization. vCenters of all versions tell it by events of the machine
//! (https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.event.CustomizationEvent.html).

use cloud::{
    CloudError,
    event::{CloudEvent, EventQuery},
    server::Customization,
};

use crate::{events, inventory::Place};

/// Of a machine that is on for the first time; the newest count.
const N_EVENTS: usize = 100;

/// The last word counts: a guest may try again.
pub async fn of_machine(place: &Place<'_>, id: &str) -> Result<Customization, CloudError> {
    let query = EventQuery { machine: Some(id.to_owned()), since: None, until: None, before: None, n_events: N_EVENTS };
    let page = events::list(place, &query).await?;
    let silent = || "the vCenter does not tell that it began; guest tools begin it".to_owned();
    Ok(page.events.into_iter().find_map(outcome).unwrap_or_else(|| Customization::UnderWay(silent())))
}

/// `None` for an event of something else.
fn outcome(event: CloudEvent) -> Option<Customization> {
    let CloudEvent { key, at, kind, message, .. } = event;
    Some(match kind.as_str() {
        "CustomizationStartedEvent" => Customization::UnderWay(format!("it is under way since {at}")),
        "CustomizationSucceeded" => {
            let evidence = [("event", key.to_string()), ("at", at.to_string()), ("cloud", message)];
            Customization::Done(evidence.map(|(name, value)| (name.to_owned(), value)).into())
        }
        "CustomizationFailed"
        | "CustomizationLinuxIdentityFailed"
        | "CustomizationNetworkSetupFailed"
        | "CustomizationSysprepFailed"
        | "CustomizationUnknownFailure" => Customization::Failed(format!("{message} ({kind}, event {key} of {at})")),
        _ => return None,
    })
}
