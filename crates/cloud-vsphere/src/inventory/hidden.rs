use std::collections::HashSet;

use cloud::inventory::Hidden;
use futures_util::TryStreamExt;

use crate::{
    inventory::Place,
    property_collector::{self, Object, Wanted},
    soap::{envelope::MoRef, error::CallError},
};

const HOSTS: Wanted = Wanted { kind: "HostSystem", properties: &["vm"] };
const CLUSTERS: Wanted = Wanted { kind: "ClusterComputeResource", properties: &["name", "summary"] };
const PROOF: Wanted = Wanted { kind: "VirtualMachine", properties: &["name"] };
/// Machines asked for by name to prove that they exist and may not be read.
const MAX_PROOFS: usize = 20;

/// Machines that exist in a datacenter although the list does not show them. Two other sources are asked: the lists of
/// the hosts, entry by entry, and the numbers that clusters tell of themselves (`ClusterUsageSummary.totalVmCount`).
pub async fn machines(place: &Place<'_>, seen: &HashSet<String>) -> Result<Option<Hidden>, CallError> {
    let hidden = on_hosts(place, seen).await?;
    if hidden.is_some() {
        return Ok(hidden);
    }
    let first = Counted { n_seen: seen.len() as u64, ..counted(place).await? };
    if first.n_hidden() == 0 {
        return Ok(None);
    }
    // A machine that was made after the list was read is no hidden one, nor is one that is deleted now. So the question
    // comes before the list this time, and the smaller difference counts.
    let second = counted(place).await?;
    let second = Counted { n_seen: listed(place).await?, ..second };
    let Counted { n_clusters, total, n_seen } = if second.n_hidden() < first.n_hidden() { second } else { first };
    let evidence = format!("{n_clusters} clusters count {total} machines and templates, {n_seen} are listed");
    // Machines of hosts outside clusters are among those seen, so this tells rather too few than too many.
    let count = total.saturating_sub(n_seen);
    Ok((count > 0).then_some(Hidden { count, evidence }))
}

/// What clusters count, beside what is listed.
struct Counted {
    n_clusters: usize,
    total: u64,
    n_seen: u64,
}

impl Counted {
    fn n_hidden(&self) -> u64 {
        self.total.saturating_sub(self.n_seen)
    }
}

async fn counted(place: &Place<'_>) -> Result<Counted, CallError> {
    let read = |object: Object<'_>| {
        let usage = object.value("summary").and_then(|it| it.child("usageSummary"));
        usage.and_then(|it| it.get("totalVmCount").parse::<u64>().ok())
    };
    let counts = property_collector::list(place.vcenter, place.datacenter.clone(), CLUSTERS, read);
    let counts: Vec<u64> = counts.try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
    Ok(Counted { n_clusters: counts.len(), total: counts.iter().sum(), n_seen: 0 })
}

async fn listed(place: &Place<'_>) -> Result<u64, CallError> {
    let list = property_collector::list(place.vcenter, place.datacenter.clone(), PROOF, |_| Some(()));
    Ok(list.try_collect::<Vec<_>>().await?.into_iter().map(|it| it.len() as u64).sum())
}

async fn on_hosts(place: &Place<'_>, seen: &HashSet<String>) -> Result<Option<Hidden>, CallError> {
    let mut unseen = HashSet::new();
    {
        let unseen = &mut unseen;
        let read = |object: Object<'_>| {
            let machines = object.value("vm").into_iter().flat_map(|it| it.children());
            unseen.extend(machines.map(|it| it.text()).filter(|it| !seen.contains(*it)).map(str::to_owned));
            None::<()>
        };
        property_collector::list(place.vcenter, place.datacenter.clone(), HOSTS, read).try_collect::<Vec<_>>().await?;
    }
    // A machine made since the list was read is in neither; only one that refuses to be read is hidden.
    let mut n_asked = 0;
    let mut n_hidden = 0;
    for id in unseen.iter().take(MAX_PROOFS) {
        n_asked += 1;
        let one = [MoRef::new("VirtualMachine", id)];
        let asked = property_collector::get(place.vcenter, &one, PROOF, |object| {
            object.missing().any(|(_, fault)| fault.name == "NoPermission")
        });
        match asked.await {
            Ok(answers) if answers.iter().any(|it| *it) => n_hidden += 1,
            Err(err) if err.is_fault("NoPermission") => n_hidden += 1,
            Ok(_) => {}
            Err(err) if err.is_fault("ManagedObjectNotFound") => {}
            Err(err) => return Err(err),
        }
    }
    if n_hidden == 0 {
        return Ok(None);
    }
    // With more unseen ones than were asked for, those not asked for count only if each that was asked for refused.
    let count = if n_hidden == n_asked { unseen.len() } else { n_hidden };
    Ok(Some(Hidden {
        count: count as u64,
        evidence: format!(
            "hosts name {} machines that are not listed; of {n_asked} asked for, {n_hidden} may not be read",
            unseen.len()
        ),
    }))
}
