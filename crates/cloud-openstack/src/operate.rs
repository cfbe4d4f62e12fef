//! What a user asks of one server.

use cloud::{
    CloudError,
    operation::{Operation, Progress, Target},
    server::{Order, Size},
};

use crate::{nova::resize, session::Session};

/// The next step of an operation: each looks first at what there is.
pub(crate) async fn operate(
    session: &Session,
    target: &Target,
    operation: &Operation,
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    match operation {
        Operation::Resize { size: Size::Flavor(flavor) } => resize::resize(session, target, flavor, order).await,
        Operation::Resize { size: Size::Custom { .. } } => {
            Err(CloudError::Refused("OpenStack has no sizes but its flavors".to_owned()))
        }
        Operation::Snapshot { .. } => Err(CloudError::Unsupported("snapshots of servers".to_owned())),
        Operation::AttachVolume { .. } | Operation::DetachVolume { .. } => {
            Err(CloudError::Unsupported("volumes at servers".to_owned()))
        }
        Operation::AddFloatingIp { .. } | Operation::RemoveFloatingIp { .. } => {
            Err(CloudError::Unsupported("floating IPs of servers".to_owned()))
        }
        Operation::AddDisk { .. } | Operation::ExtendDisk { .. } | Operation::RemoveDisk { .. } => Err(
            CloudError::Unsupported("an OpenStack server has no disks of its own to change; attach volumes".to_owned()),
        ),
    }
}
