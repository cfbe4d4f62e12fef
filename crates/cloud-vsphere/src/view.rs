use std::sync::Arc;

use crate::{
    session::{Session, VCenter},
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
    },
    temporary::Temporary,
};

/// A container view: all objects of one type below another object, as this user sees them.
pub async fn create(
    vcenter: &Arc<VCenter>,
    session: &Arc<Session>,
    root: &MoRef,
    kind: &str,
) -> Result<Temporary, CallError> {
    let call = Call::new("CreateContainerView", &session.content.view_manager)
        .reference("container", root)
        .text("type", kind)
        .text("recursive", "true");
    let id = vcenter.call_in(session, &call, |node| node.get("returnval").to_owned()).await?;
    Ok(Temporary::new(vcenter, session, MoRef::new("ContainerView", id), "DestroyView"))
}
