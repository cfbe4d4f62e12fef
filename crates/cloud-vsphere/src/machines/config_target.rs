//! What the host of a machine has that can be given to it.

use cloud::CloudError;

use crate::{
    machines::find::Marked,
    property_collector::{self, Object, Wanted},
    session::VCenter,
    soap::{
        envelope::{Call, MoRef},
        error::CallError,
        tree::Node,
    },
};

const WANTED: Wanted = Wanted { kind: "VirtualMachine", properties: &["environmentBrowser", "runtime.host"] };
const METHOD: &str = "QueryConfigTarget";
/// Of what there is, that an error names.
const NAMED: usize = 20;

/// Who may be asked what a host has for a machine.
pub struct Browser {
    browser: MoRef,
    pub host: MoRef,
}

/// `None` where the vCenter does not tell either.
pub async fn browser(vcenter: &VCenter, machine: &Marked) -> Result<Option<Browser>, CallError> {
    let reference = |object: Object<'_>, path| object.value(path).map(|it| MoRef::new(it.object_type(), it.text()));
    let read = |object: Object<'_>| {
        Some(Browser { browser: reference(object, "environmentBrowser")?, host: reference(object, "runtime.host")? })
    };
    let found = property_collector::get(vcenter, std::slice::from_ref(&machine.reference), WANTED, read).await?;
    Ok(found.into_iter().flatten().next())
}

/// What `read` takes of the entries of a `ConfigTarget`: one at a time is in memory.
pub async fn list<T: Send>(
    vcenter: &VCenter,
    browser: &Browser,
    read: impl Fn(Node<'_>) -> Option<T> + Send + Sync,
) -> Result<Vec<T>, CallError> {
    let call = Call::new(METHOD, &browser.browser).reference("host", &browser.host);
    let mut may_renew = true;
    loop {
        let session = vcenter.session().await?;
        let outcome = async {
            let mut items = Vec::new();
            let mut reading = vcenter.open(&session, &call).await?;
            while reading.next(&mut |node| items.extend(read(node))).await? {}
            Ok(items)
        };
        match outcome.await {
            Err(err) if CallError::is_not_authenticated(&err) && may_renew => {
                may_renew = false;
                vcenter.renew(&session);
            }
            outcome => return outcome,
        }
    }
}

/// Of a device that a host has not, with those that it has.
pub fn none_of(what: &str, name: &str, machine: &str, there: &[String]) -> CloudError {
    let there = match there {
        [] => "it has none that is free".to_owned(),
        there if there.len() > NAMED => {
            format!("it has {} and {} more", there[..NAMED].join(", "), there.len() - NAMED)
        }
        there => format!("it has {}", there.join(", ")),
    };
    CloudError::Refused(format!("the host of {machine} has no {what} {name:?}; {there}"))
}
