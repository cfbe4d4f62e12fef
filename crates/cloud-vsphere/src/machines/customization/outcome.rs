//! What became of a guest's customization. vCenters of all versions tell it by events of the machine
//! (https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.event.CustomizationEvent.html).

use cloud::{CloudError, event::CloudEvent, server::Customization};

use crate::{events, inventory::Place};

/// The last word counts: a guest may try again.
pub async fn of_machine(place: &Place<'_>, id: &str) -> Result<Customization, CloudError> {
    let mut events = events::of_new_machine(place, id).await?;
    events.sort_by_key(|it| std::cmp::Reverse(it.key));
    let silent = || "the vCenter does not tell that it began; guest tools begin it".to_owned();
    Ok(events.into_iter().find_map(outcome).unwrap_or_else(|| Customization::UnderWay(silent())))
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
