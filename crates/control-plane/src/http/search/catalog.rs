use api_types::search::Hit;
use store::{Owner, Tx, images, roles};

use super::{encoded, first};
use crate::{
    http::{caller::Caller, error::ApiResult, owned, route::BASE},
    permission::Permission as P,
};

/// Roles and images that are visible from the caller's scope.
pub async fn find(tx: &mut Tx, caller: &Caller, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    let here = caller.scope.owner();
    let base = base(here);
    if caller.may(P::RolesRead, caller.scope).is_ok() {
        for it in roles::list(tx, here, first("CAST(id AS TEXT) || '\n' || name", q)).await?.rows {
            let path = format!("{base}/roles/{}/", it.id);
            let detail = format!("{}, made {}", it.os_id, owned::place(it.owner));
            hits.push(Hit { kind: "role".to_owned(), id: it.id.to_string(), name: it.name, path, detail });
        }
    }
    if caller.may(P::ImagesRead, caller.scope).is_ok() {
        let columns = "id || '\n' || name || '\n' || cloud_image_id";
        for it in images::list(tx, here, first(columns, q)).await?.rows {
            let path = format!("{base}/images/{}/", encoded(&it.id));
            let detail = format!("{} {}, {}", it.platform, it.location_id, it.os_id);
            hits.push(Hit { kind: "image".to_owned(), id: it.id, name: it.name, path, detail });
        }
    }
    Ok(())
}

fn base(here: Owner) -> String {
    match (here.account_id, here.environment_id) {
        (_, Some(id)) => format!("{BASE}/user/{id}"),
        (Some(id), None) => format!("{BASE}/account/{id}"),
        (None, None) => format!("{BASE}/global"),
    }
}
