//! Find things by a part of their name, id or address. A hit is shown to those who may read what it is.

mod catalog;
mod clouds;
mod farms;

use api_types::search::Hit;
use axum::extract::State;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Deserialize;
use store::{Order, Select, Tx};

use super::{
    body::text,
    caller::Caller,
    environments,
    error::{ApiError, ApiResult},
    extract::Query,
    reply::Reply,
    route::{Access::Login, BASE, Routes, get},
};
use crate::{
    app::App,
    permission::{Permission as P, Scope},
};

const QUERY: &[(&str, &str)] = &[("q", "2 to 100 characters of a name, an id or an address")];
const MOST_HITS: usize = 50;
/// RFC 3986 §2.3: everything but unreserved characters is encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub fn routes(routes: &mut Routes) {
    let summary = "Find accounts, environments, users, teams, cloud credentials, roles and images";
    for path in ["/global/search/", "/account/{accountId}/search/"] {
        // Whoever sees the scope may ask; each hit has its own permission.
        routes.add(get(path, Login, summary).lists::<Hit>(&[]).query(QUERY), search);
    }
    let summary = "Find farms, servers, roles, images, and what is known from the clouds of an environment";
    routes.add(get("/user/{envId}/search/", Login, summary).lists::<Hit>(&[]).query(QUERY), search);
}

#[derive(Deserialize)]
struct Question {
    q: Option<String>,
}

/// At most 50 hits, ordered by type, then by name; what is only known from clouds, which may be much, is behind the rest.
async fn search(
    State(app): State<App>,
    caller: Caller,
    Query(Question { q }): Query<Question>,
) -> ApiResult<Reply<Vec<Hit>>> {
    let q = q.ok_or_else(|| ApiError::structure("\"q\" is missing"))?;
    let q = text("q", q.trim())?;
    if !(2..=100).contains(&q.chars().count()) {
        return Err(ApiError::value("q has 2 to 100 characters"));
    }
    let mut tx = app.db.read().await?;
    let mut hits = Vec::new();
    if let Scope::Environment { .. } = caller.scope {
        farms::find(&mut tx, &caller, q, &mut hits).await?;
    } else {
        find_accounts(&mut tx, &caller, q, &mut hits).await?;
        find_environments(&mut tx, &caller, q, &mut hits).await?;
        find_users(&mut tx, &caller, q, &mut hits).await?;
        find_teams(&mut tx, &caller, q, &mut hits).await?;
        find_credentials(&mut tx, &caller, q, &mut hits).await?;
    }
    catalog::find(&mut tx, &caller, q, &mut hits).await?;
    let key = |it: &Hit| (it.kind.clone(), it.name.to_lowercase(), it.id.clone());
    hits.sort_by_cached_key(key);
    if let Scope::Environment { .. } = caller.scope {
        let mut of_clouds = Vec::new();
        clouds::find(&mut tx, &caller, q, &mut of_clouds).await?;
        of_clouds.sort_by_cached_key(key);
        hits.append(&mut of_clouds);
    }
    hits.truncate(MOST_HITS);
    Ok(Reply::ok(hits))
}

/// The first rows by name where a part of one of the columns is `q`; columns are joined by a line feed, which no
/// question has.
fn first(columns: &'static str, q: &str) -> Select {
    Select::new().contains(columns, q).order_by("name", Order::Ascending).limit(MOST_HITS as i64)
}

/// Narrows to the account of the path. At Scalr scope only global administrators see into accounts, with a login that
/// is not narrowed; others see what belongs to no account.
fn visible(select: Select, caller: &Caller) -> Select {
    match caller.scope.account_id() {
        Some(id) => select.eq("account_id", id),
        None if caller.is_global_administrator() && caller.means.is_unlimited() => select,
        None => select.is_null("account_id"),
    }
}

fn base(account_id: Option<i64>) -> String {
    account_id.map_or_else(|| format!("{BASE}/global"), |id| format!("{BASE}/account/{id}"))
}

fn detail(account_id: Option<i64>) -> String {
    account_id.map_or_else(|| "Scalr scope".to_owned(), |id| format!("account {id}"))
}

async fn find_accounts(tx: &mut Tx, caller: &Caller, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    if caller.may(P::AccountsRead, Scope::Scalr).is_err() || caller.scope != Scope::Scalr {
        return Ok(());
    }
    for it in store::accounts::list(tx, first("CAST(id AS TEXT) || '\n' || name", q)).await?.rows {
        let path = format!("{BASE}/global/accounts/{}/", it.id);
        let detail = it.status.to_string();
        hits.push(Hit { kind: "account".to_owned(), id: it.id.to_string(), name: it.name, path, detail });
    }
    Ok(())
}

/// Not limited before the permission is known: it can differ from one environment to the next.
async fn find_environments(tx: &mut Tx, caller: &Caller, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    let select = Select::new().contains("CAST(id AS TEXT) || '\n' || name", q);
    let select = match caller.scope.account_id() {
        Some(id) => select.eq("account_id", id),
        None => select,
    };
    for it in store::environments::list(tx, select).await?.rows {
        let in_account = caller.may(P::EnvironmentsRead, Scope::Account(it.account_id)).is_ok();
        let path = if in_account {
            format!("{BASE}/account/{}/environments/{}/", it.account_id, it.id)
        } else if environments::may_read(caller, &it) {
            format!("{BASE}/user/{}/", it.id)
        } else {
            continue;
        };
        let detail = detail(Some(it.account_id));
        hits.push(Hit { kind: "environment".to_owned(), id: it.id.to_string(), name: it.name, path, detail });
    }
    Ok(())
}

async fn find_users(tx: &mut Tx, caller: &Caller, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    if caller.may(P::UsersRead, caller.scope).is_err() {
        return Ok(());
    }
    let select = first("CAST(id AS TEXT) || '\n' || email || '\n' || name", q);
    for it in store::users::list(tx, visible(select, caller)).await?.rows {
        let detail = format!("{}, {}", it.email, detail(it.account_id));
        let path = format!("{}/users/{}/", base(it.account_id), it.id);
        hits.push(Hit { kind: "user".to_owned(), id: it.id.to_string(), name: it.name, path, detail });
    }
    Ok(())
}

async fn find_teams(tx: &mut Tx, caller: &Caller, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    if caller.may(P::TeamsRead, caller.scope).is_err() {
        return Ok(());
    }
    let select = first("CAST(id AS TEXT) || '\n' || name", q);
    for it in store::teams::list(tx, visible(select, caller)).await?.rows {
        let path = format!("{BASE}/account/{}/teams/{}/", it.account_id, it.id);
        let detail = detail(Some(it.account_id));
        hits.push(Hit { kind: "team".to_owned(), id: it.id.to_string(), name: it.name, path, detail });
    }
    Ok(())
}

/// An account sees those of the Scalr scope too.
async fn find_credentials(tx: &mut Tx, caller: &Caller, q: &str, hits: &mut Vec<Hit>) -> ApiResult<()> {
    if caller.may(P::CloudCredentialsRead, caller.scope).is_err() {
        return Ok(());
    }
    let select = first("id || '\n' || name", q);
    let found = match caller.scope.account_id() {
        Some(id) => store::cloud_credentials::list(tx, Some(id), select).await?,
        None => store::cloud_credentials::list_all(tx, visible(select, caller)).await?,
    };
    for it in found.rows {
        let detail = format!("{}, {}, {}", it.provider, it.status, detail(it.account_id));
        let path = format!("{}/cloud-credentials/{}/", base(caller.scope.account_id().or(it.account_id)), it.id);
        hits.push(Hit { kind: "cloud-credentials".to_owned(), id: it.id, name: it.name, path, detail });
    }
    Ok(())
}

fn encoded(segment: &str) -> String {
    percent_encode(segment.as_bytes(), UNRESERVED).to_string()
}
