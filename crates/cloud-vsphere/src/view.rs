use std::sync::Arc;

use tokio::runtime::Handle;
use tracing::debug;

use crate::{
    session::{Session, VCenter},
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
        tree::Node,
    },
};

/// A container view: all objects of one type below another object, as this user sees them. It lives in the vCenter's
/// memory until it is destroyed, so dropping it does that.
pub struct View {
    vcenter: Arc<VCenter>,
    session: Arc<Session>,
    pub reference: MoRef,
    is_destroyed: bool,
}

impl View {
    pub async fn create(
        vcenter: &Arc<VCenter>,
        session: &Arc<Session>,
        root: &MoRef,
        kind: &str,
    ) -> Result<Self, CallError> {
        let call = Call::new("CreateContainerView", &session.content.view_manager)
            .reference("container", root)
            .text("type", kind)
            .text("recursive", "true");
        let id = vcenter.call_in(session, &call, |node| node.get("returnval").to_owned()).await?;
        let reference = MoRef::new("ContainerView", id);
        Ok(View { vcenter: vcenter.clone(), session: session.clone(), reference, is_destroyed: false })
    }

    pub async fn destroy(mut self) -> Result<(), CallError> {
        self.is_destroyed = true;
        destroy(&self.vcenter, &self.session, &self.reference).await
    }
}

async fn destroy(vcenter: &VCenter, session: &Session, view: &MoRef) -> Result<(), CallError> {
    vcenter.call_in(session, &Call::new("DestroyView", view), |_: Node<'_>| ()).await
}

impl Drop for View {
    fn drop(&mut self) {
        if self.is_destroyed {
            return;
        }
        // Whoever read the list stopped early. Without a runtime the program ends, and with it the session.
        let Ok(runtime) = Handle::try_current() else { return };
        let (vcenter, session, reference) = (self.vcenter.clone(), self.session.clone(), self.reference.clone());
        runtime.spawn(async move {
            if let Err(err) = destroy(&vcenter, &session, &reference).await {
                debug!(endpoint = %vcenter.origin, "a view remains until the session ends: {err}");
            }
        });
    }
}
