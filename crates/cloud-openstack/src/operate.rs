//! What a user asks of one server.

use cloud::{
    CloudError, LocationId,
    operation::{Details, Operation, Progress, Target},
    server::{Order, Size},
};
use futures_util::try_join;
use uuid::Uuid;

use crate::{
    glance::snapshots,
    neutron::floating_ips,
    nova::{resize, snapshot, volumes},
    session::Session,
};

/// The next step of an operation: each looks first at what there is.
pub(crate) async fn operate(
    session: &Session,
    target: &Target,
    id: Uuid,
    operation: &Operation,
    order: Option<&Order>,
) -> Result<Progress, CloudError> {
    match operation {
        Operation::Resize { size: Size::Flavor(flavor) } => resize::resize(session, target, flavor, order).await,
        Operation::Resize { size: Size::Custom { .. } } => {
            Err(CloudError::Refused("OpenStack has no sizes but its flavors".to_owned()))
        }
        Operation::Snapshot { name, description } => {
            snapshot::snapshot(session, target, id, (name, description), order).await
        }
        Operation::AttachVolume { volume } => volumes::attach(session, target, volume, order).await,
        Operation::DetachVolume { volume } => volumes::detach(session, target, volume, order).await,
        Operation::AddFloatingIp { pool } => floating_ips::add(session, target, id, pool).await,
        Operation::AssociateFloatingIp { floating_ip } => floating_ips::associate(session, target, floating_ip).await,
        Operation::RemoveFloatingIp { floating_ip } => floating_ips::remove(session, target, floating_ip, order).await,
        Operation::AddDisk { .. }
        | Operation::AddRawDisk { .. }
        | Operation::ExtendDisk { .. }
        | Operation::RemoveDisk { .. } => Err(CloudError::Unsupported(
            "an OpenStack server has no disks of its own to change; attach volumes".to_owned(),
        )),
        Operation::CreateTemplate { .. } => {
            Err(CloudError::Unsupported("OpenStack has no templates; make a snapshot, which is an image".to_owned()))
        }
        Operation::ConnectCdrom { .. } | Operation::DisconnectCdrom => {
            Err(CloudError::Unsupported("a server that runs gets no ISO; launch one from an image of it".to_owned()))
        }
        Operation::SetChangeTracking { .. } => {
            Err(CloudError::Unsupported("changed blocks are tracked by the backups of volumes".to_owned()))
        }
        Operation::SetRemoteConsole { .. } => {
            Err(CloudError::Unsupported("who looks at a console is not limited by Nova".to_owned()))
        }
        Operation::ConnectUsb { .. } | Operation::DisconnectUsb { .. } => {
            Err(CloudError::Unsupported("Nova gives no USB devices of hosts to servers".to_owned()))
        }
        Operation::Relocate { .. } => Err(CloudError::Unsupported("where a server runs is decided by Nova".to_owned())),
        Operation::SetAllocation { .. } => {
            let why = "shares, reservations and limits are those of a flavor; choose another instance type";
            Err(CloudError::Unsupported(why.to_owned()))
        }
    }
}

/// Volumes, images and floating IPs of one server.
pub(crate) async fn details(session: &Session, location: &LocationId, cloud_id: &str) -> Result<Details, CloudError> {
    let region = location.0.as_str();
    let snapshots = async {
        let properties = [("instance_uuid", cloud_id), ("image_type", "snapshot")];
        let mut images = snapshots::list(session, region, &properties).await?;
        images.retain(|it| it.instance_uuid.as_deref() == Some(cloud_id));
        Ok(images.into_iter().map(Into::into).collect())
    };
    let (disks, snapshots, floating_ips) = try_join!(
        volumes::disks(session, region, cloud_id),
        snapshots,
        floating_ips::of_server(session, region, cloud_id)
    )?;
    Ok(Details { disks, snapshots, floating_ips, ..Details::default() })
}
