//! Templates that go with their registration.

use cloud::CloudError;

use crate::{
    finish::carry_out,
    inventory::Place,
    property_collector::{self, Object, Wanted},
    soap::envelope::{Call, MoRef},
};

const WANTED: Wanted = Wanted { kind: "VirtualMachine", properties: &["name", "config.template"] };

/// `Destroy_Task`: with its disks. Only of what is a template still: somebody may have made a machine of it.
pub async fn delete(place: &Place<'_>, id: &str) -> Result<(), CloudError> {
    let template = MoRef::new(WANTED.kind, id);
    let read = |object: Object<'_>| (object.text("name").unwrap_or(id).to_owned(), object.is_true("config.template"));
    let found = match property_collector::get(place.vcenter, std::slice::from_ref(&template), WANTED, read).await {
        Err(err) if err.is_fault("ManagedObjectNotFound") => return Ok(()),
        found => found?,
    };
    match found.into_iter().next() {
        None => Err(CloudError::Forbidden(format!("to see the template {id}"))),
        Some((name, false)) => {
            let why = "is no template but a virtual machine, which may be in use; delete it in the vCenter";
            Err(CloudError::Conflict(format!("{name} ({id}) {why}")))
        }
        Some((_, true)) => carry_out(place, &Call::change("Destroy_Task", &template), |_| ()).await,
    }
}
