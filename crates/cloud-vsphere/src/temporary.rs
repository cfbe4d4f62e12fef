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

/// An object that was made for one question: it lives in the vCenter's memory until it is destroyed, so dropping it does
/// that.
pub struct Temporary {
    vcenter: Arc<VCenter>,
    session: Arc<Session>,
    pub reference: MoRef,
    /// The method that destroys it.
    method: &'static str,
    is_destroyed: bool,
}

impl Temporary {
    pub fn new(vcenter: &Arc<VCenter>, session: &Arc<Session>, reference: MoRef, method: &'static str) -> Self {
        Temporary { vcenter: vcenter.clone(), session: session.clone(), reference, method, is_destroyed: false }
    }

    pub async fn destroy(mut self) -> Result<(), CallError> {
        self.is_destroyed = true;
        destroy(&self.vcenter, &self.session, &Call::new(self.method, &self.reference)).await
    }
}

async fn destroy(vcenter: &VCenter, session: &Session, call: &Call) -> Result<(), CallError> {
    vcenter.call_in(session, call, |_: Node<'_>| ()).await
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.is_destroyed {
            return;
        }
        // Whoever asked stopped early. Without a runtime the program ends, and with it the session.
        let Ok(runtime) = Handle::try_current() else { return };
        let (vcenter, session) = (self.vcenter.clone(), self.session.clone());
        let call = Call::new(self.method, &self.reference);
        runtime.spawn(async move {
            if let Err(err) = destroy(&vcenter, &session, &call).await {
                debug!(endpoint = %vcenter.origin, "something of ours remains until the session ends: {err}");
            }
        });
    }
}
