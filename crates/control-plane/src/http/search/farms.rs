use std::collections::BTreeMap;

use api_types::search::Hit;
use store::{Order, Select, Tx, farm_roles, farms, servers};

use super::{MOST_HITS, encoded, first};
use crate::{
    http::{caller::Caller, error::ApiResult, route::BASE},
    permission::Permission as P,
};

/// The name of a server is in what its cloud was told, behind its mark and location; the rest of that is long.
const SERVER_COLUMNS: &str = "id || '\n' || coalesce(cloud_id, '') || '\n' || addresses || '\n' || \
                              coalesce(substr(spec, 1, 2000), '')";
const SERVERS_AT_ONCE: i64 = 200;

/// Farms of the caller's environment, their tiers, and their servers by name, id, id in the cloud and address.
pub async fn find(tx: &mut Tx, caller: &Caller, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    let base = format!("{BASE}/user/{environment_id}");
    let own = Select::new().eq("environment_id", environment_id);
    if caller.may(P::FarmsRead, caller.scope).is_ok() {
        let names: BTreeMap<i64, String> =
            farms::list(tx, own.clone()).await?.rows.into_iter().map(|it| (it.id, it.name)).collect();
        let select = first("CAST(id AS TEXT) || '\n' || name", q).eq("environment_id", environment_id);
        for it in farms::list(tx, select).await?.rows {
            let (path, detail) = (format!("{base}/farms/{}/", it.id), it.status.to_string());
            hits.push(Hit { kind: "farm".to_owned(), id: it.id.to_string(), name: it.name, path, detail });
        }
        let select = Select::new().contains("CAST(id AS TEXT) || '\n' || alias", q);
        let select = select.any_of("farm_id", names.keys().copied()).order_by("alias", Order::Ascending);
        for it in farm_roles::list(tx, select.limit(MOST_HITS as i64)).await?.rows {
            let path = format!("{base}/farm-roles/{}/", it.id);
            let farm = names.get(&it.farm_id).map(String::as_str).unwrap_or_default();
            let detail = format!("farm {farm}, {} {}", it.platform, it.location_id);
            hits.push(Hit { kind: "farm-role".to_owned(), id: it.id.to_string(), name: it.alias, path, detail });
        }
    }
    if caller.may(P::ServersRead, caller.scope).is_ok() {
        find_servers(tx, own.contains(SERVER_COLUMNS, q), &base, q, hits).await?;
    }
    Ok(())
}

/// The rows are looked at again, for what the database compared has more in it than what is searched in.
async fn find_servers(tx: &mut Tx, select: Select, base: &str, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    let q = q.to_ascii_lowercase();
    let has = |text: &str| text.to_ascii_lowercase().contains(&q);
    let mut n_found = 0;
    for page in 0.. {
        let rows = select.clone().limit(SERVERS_AT_ONCE).offset(page * SERVERS_AT_ONCE);
        let rows = servers::list(tx, rows).await?.rows;
        let is_last = (rows.len() as i64) < SERVERS_AT_ONCE;
        for it in rows {
            let addresses: Vec<String> = it.seen.addresses.0.iter().map(|it| it.ip.to_string()).collect();
            let name = it.seen.spec.map_or_else(|| it.id.clone(), |spec| spec.0.name);
            let is_found = has(&it.id) || has(&name) || it.seen.cloud_id.as_deref().is_some_and(has);
            if !is_found && !addresses.iter().any(|it| has(it)) {
                continue;
            }
            let path = format!("{base}/servers/{}/", encoded(&it.id));
            let detail = [it.platform.as_str(), it.seen.status.as_str(), &addresses.join(" ")].join(" ");
            hits.push(Hit { kind: "server".to_owned(), id: it.id, name, path, detail: detail.trim_end().to_owned() });
            n_found += 1;
        }
        if is_last || n_found >= MOST_HITS {
            break;
        }
    }
    Ok(())
}
