use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use cloud::check::{Finding, Reporter, Subject};
use futures_util::future::join_all;
use tokio::sync::OnceCell;

use crate::{
    privileges::{ALL, Entity, Privilege},
    session::VCenter,
    soap::{envelope::Call, error::CallError, tree::Node},
    validate::survey::Asked,
};

/// Objects that are named in a sentence; of more, only the number is told.
const NAMED: usize = 5;

/// Reports all privileges of one kind of object as skipped.
pub fn skipped(vcenter: &VCenter, scope: Entity, report: &Reporter, because: &str) {
    for privilege in ALL.iter().filter(|it| it.scope == scope) {
        report.skipped(subject(vcenter, privilege), because);
    }
}

fn subject(vcenter: &VCenter, privilege: &Privilege) -> Subject {
    let id: Cow<'static, str> = format!("vsphere.privilege.{}", privilege.id).into();
    Subject::optional(id, vcenter.origin.clone(), vcenter.url.as_str()).blocks(privilege.operations.iter().copied())
}

/// One check for each privilege of one kind of object, asked of the authorization manager on some of them. Without
/// objects to ask about, the checks are skipped.
pub async fn look(vcenter: &Arc<VCenter>, scope: Entity, on: &[Asked], report: &Reporter) {
    if on.is_empty() {
        return skipped(vcenter, scope, report, &format!("no {} is seen to ask about", scope.as_str()));
    }
    let privileges: Vec<_> = ALL.iter().filter(|it| it.scope == scope).collect();
    // One call answers for all; each privilege is a check of its own that waits for it.
    let answer = OnceCell::new();
    let ids: Vec<_> = privileges.iter().map(|it| it.id).collect();
    let checks = privileges.iter().map(|privilege| {
        let check = async {
            let answer = answer.get_or_init(|| ask(vcenter, on, &ids)).await;
            (judge(privilege, scope, on, answer), ())
        };
        report.run(subject(vcenter, privilege), check)
    });
    join_all(checks).await;
}

/// What a vCenter answers about some privileges.
#[derive(Default)]
struct Granted {
    /// Object id and privilege.
    granted: HashSet<(String, String)>,
    /// What this version does not know, with its own words.
    unknown: HashMap<&'static str, String>,
}

async fn ask(vcenter: &Arc<VCenter>, on: &[Asked], ids: &[&'static str]) -> Result<Granted, CallError> {
    match ask_once(vcenter, on, ids).await {
        // An id that this version does not know makes the whole question invalid: then one by one.
        Err(err) if err.is_fault("InvalidArgument") && ids.len() > 1 => {
            let mut all = Granted::default();
            for id in ids {
                match ask_once(vcenter, on, &[id]).await {
                    Ok(one) => all.granted.extend(one.granted),
                    Err(err) if err.is_fault("InvalidArgument") => {
                        all.unknown.insert(id, err.to_string());
                    }
                    Err(err) => return Err(err),
                }
            }
            Ok(all)
        }
        answer => answer,
    }
}

/// `HasPrivilegeOnEntities` (vSphere 5.5): `{entity, privAvailability: [{privId, isGranted}]}` for each object.
async fn ask_once(vcenter: &Arc<VCenter>, on: &[Asked], ids: &[&str]) -> Result<Granted, CallError> {
    let call = |session: &crate::session::Session| {
        let mut call = Call::new("HasPrivilegeOnEntities", &session.content.authorization_manager);
        for asked in on {
            call = call.reference("entity", &asked.reference);
        }
        call = call.text("sessionId", &session.key);
        ids.iter().fold(call, |call, id| call.text("privId", id))
    };
    let read = |node: Node<'_>| {
        let mut answer = Granted::default();
        for entity in node.children().filter(|it| it.name() == "returnval") {
            let object = entity.get("entity");
            let granted = entity.children().filter(|it| it.name() == "privAvailability");
            let granted = granted.filter(|it| crate::property_collector::is_true(it.get("isGranted")));
            answer.granted.extend(granted.map(|it| (object.to_owned(), it.get("privId").to_owned())));
        }
        answer
    };
    vcenter.call(call, read).await
}

fn judge(privilege: &Privilege, scope: Entity, on: &[Asked], answer: &Result<Granted, CallError>) -> Finding {
    let id = privilege.id;
    let answer = match answer {
        Ok(answer) => answer,
        Err(err) => return Finding::Failed { detail: format!("cannot ask: {err}"), remedy: err.remedy() },
    };
    let fails = privilege.operations.join("; ");
    let addition = privilege.addition.map(|page| format!(" (addition: {page})")).unwrap_or_default();
    if let Some(why) = answer.unknown.get(id) {
        return Finding::Warning {
            detail: format!("this vCenter does not know {id}: {why}{addition}"),
            remedy: format!("nothing on this version; without it this may fail: {fails}"),
        };
    }
    let is_granted = |asked: &Asked| answer.granted.contains(&(asked.reference.id.clone(), id.to_owned()));
    let (granted, missing): (Vec<_>, Vec<_>) = on.iter().partition(|it| is_granted(it));
    let kind = on.first().map_or(scope.as_str(), |it| {
        if it.reference.kind == "Folder" && scope != Entity::RootFolder { "folder" } else { scope.as_str() }
    });
    if missing.is_empty() {
        let asked = granted.len();
        return Finding::Passed(format!("granted on {}; {}{addition}", counted(asked, kind), privilege.purpose));
    }
    let names: Vec<_> = missing.iter().take(NAMED).map(|it| it.name.as_str()).collect();
    let more = missing.len().checked_sub(NAMED).filter(|it| *it > 0).map(|it| format!(" and {it} more"));
    Finding::Warning {
        detail: format!(
            "missing on {} of {} ({}{}); {}{addition}",
            missing.len(),
            counted(on.len(), kind),
            names.join(", "),
            more.unwrap_or_default(),
            privilege.purpose
        ),
        remedy: format!("add {id} to the role of this user there; without it this fails: {fails}"),
    }
}

fn counted(n: usize, kind: &str) -> String {
    if n == 1 { format!("1 {kind}") } else { format!("{n} {kind}s") }
}
