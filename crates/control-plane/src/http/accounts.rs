use api_types::accounts::Account;
use axum::extract::State;
use http::StatusCode;
use store::{DbError, Time, accounts};

use super::{
    acl_roles,
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::http::extract::Path;
use crate::{app::App, first_start::begin_log, permission::Permission as P};

const COLUMNS: &[Column] = &[
    Column::number("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("status", "status"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "status"];
const READ_ONLY: &[&str] = &["id", "added"];

pub fn routes(routes: &mut Routes) {
    let all = "/global/accounts/";
    let one = "/global/accounts/{id}/";
    routes
        .add(
            get(all, Needs(P::AccountsRead), "List the accounts").lists::<Account>(FILTERS).sorts(&["id", "name"]),
            list,
        )
        .add(post(all, Needs(P::AccountsManage), "Create an account").takes::<Account>().creates::<Account>(), create)
        .add(get(one, Needs(P::AccountsRead), "Get an account").gives::<Account>(), show)
        .add(patch(one, Needs(P::AccountsManage), "Change an account").takes::<Account>().gives::<Account>(), update)
        .add(delete(one, Needs(P::AccountsManage), "Delete an account that has no environments and users"), remove)
        .add(get("/account/{accountId}/", Needs(P::EnvironmentsRead), "Get this account").gives::<Account>(), own);
}

async fn list(State(app): State<App>, query: ListQuery) -> ApiResult<Reply<Vec<Account>>> {
    let mut tx = app.db.read().await?;
    let found = accounts::list(&mut tx, query.select(COLUMNS)?).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Account>> {
    body.refuse(READ_ONLY)?;
    let new: Account = body.read()?;
    let name = required("name", new.name.as_ref())?;
    let mut tx = app.db.write().await?;
    let account = accounts::insert(&mut tx, name, Time::now()).await.map_err(|err| taken(err, name))?;
    acl_roles::insert_built_in(&mut tx, account.id).await?;
    let view = view(account);
    let change = Change::new("accounts", "create", view.id.unwrap_or_default(), name).after(&view);
    caller.record(&mut tx, &app, change).await?;
    begin_log(&mut tx, &app.audit_key, view.id.unwrap_or_default()).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, Path(id): Path<i64>) -> ApiResult<Reply<Account>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(accounts::get(&mut tx, id).await?)))
}

async fn own(State(app): State<App>, caller: Caller) -> ApiResult<Reply<Account>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(accounts::get(&mut tx, caller.scope.account_id().unwrap_or_default()).await?)))
}

async fn update(State(app): State<App>, caller: Caller, Path(id): Path<i64>, body: Body) -> ApiResult<Reply<Account>> {
    body.refuse(READ_ONLY)?;
    let wanted: Account = body.read()?;
    let mut tx = app.db.write().await?;
    let mut account = accounts::get(&mut tx, id).await?;
    let before = view(account.clone());
    if let Some(name) = &wanted.name {
        account.name = text("name", name)?.to_owned();
    }
    if let Some(status) = &wanted.status {
        account.status = status.parse().map_err(|_| ApiError::value("status is active or inactive"))?;
    }
    accounts::update(&mut tx, &account).await.map_err(|err| taken(err, &account.name))?;
    let name = account.name.clone();
    let after = view(account);
    let change = Change::new("accounts", "update", id, &name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<i64>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let account = accounts::get(&mut tx, id).await?;
    accounts::delete(&mut tx, id).await?;
    let name = account.name.clone();
    caller.record(&mut tx, &app, Change::new("accounts", "delete", id, &name).before(&view(account))).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn taken(err: DbError, name: &str) -> ApiError {
    ApiError::of_named(err, "an account", name, "in this installation")
}

pub(crate) fn view(account: accounts::Account) -> Account {
    let accounts::Account { id, name, status, created_at } = account;
    Account { id: Some(id), name: Some(name), status: Some(status.to_string()), added: Some(created_at.0) }
}
