use std::{sync::Arc, time::Duration};

use tokio::runtime::Handle;
use tracing::debug;

use crate::{
    property_collector::{PAGE, is_true, through_view},
    session::{Session, VCenter},
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
        tree::Node,
    },
    temporary::Temporary,
    view,
};

/// How long a vCenter holds a call back when nothing changes: shorter than what proxies and firewalls think a connection
/// may be silent.
const WAIT: Duration = Duration::from_secs(20);

/// A property collector of our own with one filter on the machines below an object: two waits on the collector that all
/// of a session share would disturb each other. It is destroyed when it is dropped, and its filter with it.
pub struct Collector {
    vcenter: Arc<VCenter>,
    session: Arc<Session>,
    reference: MoRef,
    _view: Temporary,
}

/// The end of an answer with updates.
pub struct Update {
    /// To be given to the next wait.
    pub version: String,
    /// More of the same change comes by the next wait.
    pub is_truncated: bool,
}

impl Collector {
    pub async fn create(
        vcenter: &Arc<VCenter>,
        session: &Arc<Session>,
        root: &MoRef,
        properties: &[&str],
    ) -> Result<Self, CallError> {
        let view = view::create(vcenter, session, root, "VirtualMachine").await?;
        let objects = through_view(&view.reference);
        let call = Call::new("CreatePropertyCollector", &session.content.property_collector);
        let id = vcenter.call_in(session, &call, |node| node.get("returnval").to_owned()).await?;
        let reference = MoRef::new("PropertyCollector", id);
        let collector = Collector { vcenter: vcenter.clone(), session: session.clone(), reference, _view: view };
        let paths: String = properties.iter().map(|it| format!("<pathSet>{it}</pathSet>")).collect();
        // A change of a part of a property brings all of it.
        let filter = format!(
            "<spec><propSet><type>VirtualMachine</type><all>false</all>{paths}</propSet>{objects}</spec>\
             <partialUpdates>false</partialUpdates>"
        );
        let call = Call::new("CreateFilter", &collector.reference).raw(&filter);
        vcenter.call_in(session, &call, |_: Node<'_>| ()).await?;
        Ok(collector)
    }

    /// Waits until something is newer than `version` (empty: anything at all). Each `objectSet` goes to `update`, which
    /// says false where the session is seen to be gone. `None`: nothing is newer.
    pub async fn wait(
        &self,
        version: &str,
        mut update: impl FnMut(Node<'_>) -> bool + Send,
    ) -> Result<Option<Update>, CallError> {
        let seconds = WAIT.as_secs();
        let options = format!(
            "<options><maxWaitSeconds>{seconds}</maxWaitSeconds><maxObjectUpdates>{PAGE}</maxObjectUpdates></options>"
        );
        let call = Call::new("WaitForUpdatesEx", &self.reference).text("version", version).raw(&options).updates(WAIT);
        let mut reading = self.vcenter.open(&self.session, &call).await?;
        let (mut next, mut is_truncated, mut is_lost) = (None, false, false);
        let mut on_piece = |node: Node<'_>| match node.name() {
            "version" => next = Some(node.text().to_owned()),
            "truncated" => is_truncated = is_true(node.text()),
            "objectSet" => is_lost |= !update(node),
            _ => {}
        };
        while reading.next(&mut on_piece).await? {}
        if is_lost {
            return Err(self.vcenter.session_ended(call.method));
        }
        Ok(next.map(|version| Update { version, is_truncated }))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // Without a runtime the program ends, and with it the session.
        let Ok(runtime) = Handle::try_current() else { return };
        let (vcenter, session, reference) = (self.vcenter.clone(), self.session.clone(), self.reference.clone());
        runtime.spawn(async move {
            let call = Call::new("DestroyPropertyCollector", &reference);
            match vcenter.call_in(&session, &call, |_: Node<'_>| ()).await {
                // It went with its session.
                Err(err) if !err.is_not_authenticated() => {
                    debug!(endpoint = %vcenter.origin, "a property collector remains until the session ends: {err}");
                }
                _ => {}
            }
        });
    }
}
