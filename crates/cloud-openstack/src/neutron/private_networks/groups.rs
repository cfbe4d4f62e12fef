//! A security group that stands alone: of no network, with the same mark and the same rules.

use std::collections::BTreeSet;

use cloud::{
    CloudError,
    asset::{self, Making, Rule},
    server::{Mark, Removal},
};
use serde_json::json;

use super::{
    keep_one,
    parts::{Found, Place, delete, list, make},
    rules::Allowed,
    set_rules,
    uses::Uses,
};
use crate::session::Session;

/// Looks, and takes one step. `made` are the parts that there were when all was ready.
pub(crate) async fn advance(
    session: &Session,
    region: &str,
    mark: Mark,
    name: &str,
    rules: &[Rule],
    made: &[asset::Part],
) -> Result<Making, CloudError> {
    let place = Place { session, region, mark };
    let rules = rules.iter().map(Allowed::new).collect::<Result<BTreeSet<_>, _>>()?;
    let (mut found, uses) = look(&place).await?;
    let missing = asset::missing(made, &found.parts(&uses));
    if !missing.is_empty() {
        return Ok(Making::Missing(missing));
    }
    let is_known = |id: &str| made.iter().any(|it| it.id == id);
    let Some(group) = found.groups.first() else {
        found.groups.push(make(&place, json!({ "name": name })).await?);
        return Ok(Making::UnderWay(found.parts(&uses)));
    };
    let is_ready = !keep_one(&place, &found.groups, |it| [is_known(&it.id), uses.has_group(&it.id), false]).await?
        && !set_rules(&place, group, &rules).await?;
    let parts = found.parts(&uses);
    Ok(if is_ready { Making::Ready(parts) } else { Making::UnderWay(parts) })
}

pub(crate) async fn find(session: &Session, region: &str, mark: Mark) -> Result<Vec<asset::Part>, CloudError> {
    let (found, uses) = look(&Place { session, region, mark }).await?;
    Ok(found.parts(&uses))
}

pub(crate) async fn remove(session: &Session, region: &str, mark: Mark) -> Result<Removal, CloudError> {
    let place = Place { session, region, mark };
    let (found, uses) = look(&place).await?;
    uses.refuse_others(&found, "the security group")?;
    for group in &found.groups {
        delete(&place, group).await?;
    }
    Ok(if found.groups.is_empty() { Removal::Gone } else { Removal::UnderWay })
}

async fn look(place: &Place<'_>) -> Result<(Found, Uses), CloudError> {
    let groups = list(place).await?;
    let found = Found { networks: Vec::new(), subnets: Vec::new(), groups, routers: Vec::new() };
    let uses = Uses::look(place, &found).await?;
    Ok((found, uses))
}
