//! Operating systems, the same at each scope.

use api_types::os::Os;
use serde::Deserialize;

use super::{
    error::{ApiError, ApiResult},
    extract::Path,
    list::ListQuery,
    owned::everywhere,
    reply::Reply,
    route::{Access::Needs, Routes, get},
};
use crate::{os, permission::Permission as P};

pub fn routes(routes: &mut Routes) {
    for path in everywhere!("os/") {
        let filters = &["id", "name", "family", "generation"];
        routes.add(get(path, Needs(P::ImagesRead), "List the operating systems").lists::<Os>(filters), list);
    }
    for path in everywhere!("os/{osId}/") {
        routes.add(get(path, Needs(P::ImagesRead), "Get an operating system").gives::<Os>(), show);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    os_id: String,
}

/// One that a body names.
pub(super) fn known(id: &str) -> ApiResult<&'static os::Os> {
    os::find(id).ok_or_else(|| {
        ApiError::value(format!("there is no operating system {id:?}")).remedy("choose one of those at …/os/")
    })
}

async fn list(query: ListQuery) -> ApiResult<Reply<Vec<Os>>> {
    let is_asked_for = |it: &&os::Os| {
        [("id", it.id), ("name", it.name), ("family", it.family), ("generation", it.generation)]
            .iter()
            .all(|(name, value)| query.filter(name).is_none_or(|it| it == *value))
    };
    let rows = os::ALL.iter().filter(is_asked_for).map(view).collect();
    Ok(Reply::list(query.page_of(rows), &query))
}

async fn show(Path(id): Path<Id>) -> ApiResult<Reply<Os>> {
    let found = os::find(&id.os_id).ok_or_else(|| ApiError::not_found(format!("operating system {}", id.os_id)))?;
    Ok(Reply::ok(view(found)))
}

fn view(it: &os::Os) -> Os {
    Os {
        id: it.id.to_owned(),
        name: it.name.to_owned(),
        family: it.family.to_owned(),
        generation: it.generation.to_owned(),
        version: it.version.to_owned(),
    }
}
