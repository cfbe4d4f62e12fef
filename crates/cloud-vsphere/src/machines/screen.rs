use cloud::{CloudError, inventory::PowerState};

use crate::{
    inventory::Place,
    machines::power,
    soap::error::{CallError, Cause},
};

/// A screen of 4K in colours that compress badly is smaller than this.
const LIMIT: usize = 8 << 20;
/// https://www.w3.org/TR/png-3/#5PNG-file-signature
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A PNG. `GET /screen?id=MOREF` beside the API, in its session, as `govc vm.console -capture` asks
/// (https://github.com/vmware/govmomi/blob/main/cli/vm/console.go).
pub async fn picture(place: &Place<'_>, id: &str) -> Result<Vec<u8>, CloudError> {
    let vcenter = place.vcenter;
    let machine = power::ours(vcenter, id, None).await?.machine;
    let name = &machine.name;
    if machine.power_state != PowerState::On {
        return Err(CloudError::Conflict(format!(
            "{name} ({id}) is {}; switch it on to see its screen",
            machine.status
        )));
    }
    let picture = vcenter.download("/screen", &[("id", id)], LIMIT).await.map_err(|err| refusal(err, name))?;
    if !picture.starts_with(SIGNATURE) {
        let message =
            format!("the picture of the screen of {name} is no PNG but begins with {:?}", beginning(&picture));
        return Err(CloudError::Service { endpoint: vcenter.origin.clone(), message });
    }
    Ok(picture)
}

fn refusal(err: CallError, name: &str) -> CloudError {
    match &err.cause {
        // 401 also in a new session. It says nothing about the login, which works.
        Cause::Status { status: 401 | 403, .. } => CloudError::Forbidden(format!(
            "the screen of {name} needs the privilege VirtualMachine.Interact.ConsoleInteract: {err}"
        )),
        Cause::Status { status: 404, .. } => {
            CloudError::NotFound(format!("the vCenter has no picture of the screen of {name}: {err}"))
        }
        _ => err.into(),
    }
}

/// Enough to recognize a page.
fn beginning(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned()
}
