use api_types::search::Hit;
use cloud::inventory::Noun;
use store::{Tx, machines, resources};

use super::{encoded, first};
use crate::{
    http::{caller::Caller, error::ApiResult, route::BASE},
    permission::Permission as P,
};

/// In what is stored of the clouds that the environment uses; no cloud is asked.
pub async fn find(tx: &mut Tx, caller: &Caller, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    if caller.may(P::InventoryRead, caller.scope).is_err() {
        return Ok(());
    }
    let environment_id = caller.scope.environment_id().unwrap_or_default();
    for link in store::environment_clouds::list_of_environment(tx, environment_id).await? {
        for location in store::cloud_locations::list(tx, &link.credential_id).await? {
            let (credential_id, location_id) = (link.credential_id.as_str(), location.location_id.as_str());
            let at = format!(
                "{BASE}/user/{environment_id}/clouds/{}/cloud-locations/{}",
                encoded(&link.platform),
                encoded(location_id)
            );
            let hit = |noun: &str, id: String, name: String, more: &str| Hit {
                // One of them: `networks` lists, a hit is a `network`.
                kind: noun.strip_suffix('s').unwrap_or(noun).to_owned(),
                path: format!("{at}/{noun}/{}/", encoded(&id)),
                detail: [link.platform.as_str(), location.name.as_str(), more].join(" ").trim_end().to_owned(),
                id,
                name,
            };
            let columns = "name || '\n' || cloud_id || '\n' || coalesce(instance_uuid, '') || '\n' || address_text";
            let of = machines::Of { credential_id, location_id };
            for it in machines::list(tx, of, first(columns, q)).await?.rows {
                hits.push(hit("machines", it.cloud_id, it.name, &it.address_text));
            }
            for noun in Noun::ALL {
                let of = resources::Of { credential_id, location_id, noun };
                for it in resources::list(tx, of, first("name || '\n' || cloud_id", q)).await?.rows {
                    hits.push(hit(noun.as_str(), it.cloud_id, it.name, ""));
                }
            }
        }
    }
    Ok(())
}
