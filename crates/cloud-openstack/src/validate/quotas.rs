use cloud::check::Finding;

use super::failed;
use crate::{
    catalog::Service,
    cinder,
    error::Error,
    neutron,
    nova::limits,
    session::{At, Session},
};

/// One limit with its use, where it is told. A negative limit is none.
struct Quota {
    name: String,
    used: Option<i64>,
    limit: i64,
    unit: &'static str,
}

pub(super) fn has(service: Service) -> bool {
    matches!(service, Service::Compute | Service::Network | Service::Volume)
}

pub(super) async fn look(session: &Session, at: At<'_>) -> Finding {
    let quotas = match read(session, at).await {
        Ok(quotas) => quotas,
        Err(Error::Refused(refusal)) if refusal.status == 403 => {
            return Finding::Warning {
                detail: format!("quotas may not be read: {refusal}"),
                remedy: Error::Refused(refusal).remedy(),
            };
        }
        Err(err) => return failed(&err),
    };
    let shown = |it: &Quota| {
        let Quota { name, limit, unit, .. } = it;
        let used = it.used.map_or_else(|| "?".to_owned(), |it| it.to_string());
        let limit = if *limit < 0 { "unlimited".to_owned() } else { format!("{limit}{unit}") };
        format!("{name} {used} of {limit}")
    };
    let detail = quotas.iter().map(shown).collect::<Vec<_>>().join(", ");
    let is_used_up = |it: &&Quota| it.limit >= 0 && it.used.is_some_and(|used| used >= it.limit);
    let used_up: Vec<&str> = quotas.iter().filter(is_used_up).map(|it| it.name.as_str()).collect();
    match used_up.is_empty() {
        true => Finding::Passed(detail),
        false => Finding::Warning {
            detail: format!("{detail}; nothing left of {}", used_up.join(", ")),
            remedy: "free some, or ask the cloud's administrator for a larger quota".to_owned(),
        },
    }
}

async fn read(session: &Session, at: At<'_>) -> Result<Vec<Quota>, Error> {
    let quota = |name: &str, used, limit: Option<i64>, unit| {
        limit.map(|limit| Quota { name: name.to_owned(), used, limit, unit })
    };
    let quotas = match at.service {
        Service::Compute => {
            let it = limits::get(session, at.region).await?;
            vec![
                quota("servers", it.total_instances_used, it.max_total_instances, ""),
                quota("vCPUs", it.total_cores_used, it.max_total_cores, ""),
                quota("memory", it.total_ram_used, it.max_total_ram_size, " MiB"),
            ]
        }
        Service::Volume => {
            let it = cinder::limits(session, at.region).await?;
            vec![
                quota("volumes", it.total_volumes_used, it.max_total_volumes, ""),
                quota("space", it.total_gigabytes_used, it.max_total_volume_gigabytes, " GiB"),
                quota("snapshots", it.total_snapshots_used, it.max_total_snapshots, ""),
            ]
        }
        Service::Network => {
            let login = session.login().await?;
            let project = login.project.as_ref().map(|it| it.id.as_str()).unwrap_or_default();
            let all = neutron::quotas::get(session, at.region, project).await?;
            let names = [
                ("network", "networks"),
                ("port", "ports"),
                ("router", "routers"),
                ("floatingip", "floating IPs"),
                ("security_group", "security groups"),
            ];
            let named = |(key, name)| all.get(key).and_then(|it| quota(name, it.used, Some(it.limit), ""));
            names.map(named).into()
        }
        Service::Identity | Service::Image | Service::ObjectStore => Vec::new(),
    };
    Ok(quotas.into_iter().flatten().collect())
}
