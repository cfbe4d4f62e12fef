//! Roles: an operating system, with an image for each place it can be launched in.

mod actions;
mod images;

use api_types::{
    IntegerRef, TextRef,
    roles::{Role, RoleDeprecatedOptions},
};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{Json, Owner, Select, Tx, role_images, roles};

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    os,
    owned::{self, everywhere},
    reply::Reply,
    role_categories,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[
    Column::number("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("os", "os_id"),
    Column::number("category", "category_id"),
    // No role has either yet.
    Column::truth("quickStart", "(1 = 0)"),
    Column::truth("useScalrAgent", "(1 = 0)"),
    Column::truth("deprecated", "(deprecated_at IS NOT NULL)"),
];
const FILTERS: &[&str] = &[
    "id",
    "name",
    "nameContains",
    "os",
    "category",
    "scope",
    "quickStart",
    "useScalrAgent",
    "builtinAutomation",
    "deprecated",
    "image",
];
const READ_ONLY: &[&str] = &["id", "scope", "deprecated"];
pub(super) const CREATE_ONLY: &[&str] = &["useScalrAgent", "builtinAutomation", "os"];
const LONGEST_DESCRIPTION: usize = 4096;
const MOST_TAGS: usize = 50;

pub fn routes(routes: &mut Routes) {
    type R = Role;
    for path in everywhere!("roles/") {
        routes
            .add(
                get(path, Needs(P::RolesRead), "List the roles available here")
                    .lists::<R>(FILTERS)
                    .sorts(&["id", "name"]),
                list,
            )
            .add(post(path, Needs(P::RolesManage), "Create a role").takes::<R>().creates::<R>(), create);
    }
    for path in everywhere!("roles/{roleId}/") {
        routes
            .add(get(path, Needs(P::RolesRead), "Get a role").gives::<R>(), show)
            .add(patch(path, Needs(P::RolesManage), "Change a role").takes::<R>().gives::<R>(), update)
            .add(delete(path, Needs(P::RolesManage), "Delete a role; its images stay"), remove);
    }
    images::routes(routes);
    actions::routes(routes);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    role_id: i64,
}

/// A role that is visible from `here`.
async fn visible(tx: &mut Tx, here: Owner, id: i64) -> ApiResult<roles::Role> {
    let found = roles::find(tx, id).await?.filter(|it| here.sees(it.owner));
    found.ok_or_else(|| ApiError::not_found(format!("role {id}")))
}

/// A role that belongs to the caller's scope.
async fn own(tx: &mut Tx, caller: &Caller, id: i64) -> ApiResult<roles::Role> {
    let role = visible(tx, caller.scope.owner(), id).await?;
    owned::refuse_foreign(caller, role.owner, format_args!("role {id}"))?;
    Ok(role)
}

/// Refuses a name that `owner` would see twice.
async fn refuse_duplicate(tx: &mut Tx, owner: Owner, name: &str, but: Option<i64>) -> ApiResult<()> {
    let same = roles::list(tx, owner, Select::new().eq("name", name)).await?.rows;
    owned::refuse_duplicate("a role", name, but, same.iter().map(|it| (it.id, it.owner)))
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Role>>> {
    let mut select = owned::of_scope(&query, query.select(COLUMNS)?)?;
    if let Some(word) = query.filter("builtinAutomation") {
        select = select.contains("builtin_automation", &format!("{word:?}"));
    }
    let mut tx = app.db.read().await?;
    if let Some(image) = query.filter("image") {
        let with_it = role_images::list_roles(&mut tx, image).await?;
        select = select.any_of("id", with_it.into_iter().map(|it| it.id));
    }
    let found = roles::list(&mut tx, caller.scope.owner(), select).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Role>> {
    body.refuse(READ_ONLY)?;
    let new: Role = body.read()?;
    let name = checked_name(required("name", new.name.as_ref())?)?;
    let missing = |key: &str| ApiError::structure(format!("{key:?} is missing"));
    let category = new.category.as_ref().ok_or_else(|| missing("category"))?;
    let os = os::known(&new.os.as_ref().ok_or_else(|| missing("os"))?.id)?;
    refuse_what_comes_later(&new)?;
    let automation = new.builtin_automation.clone().unwrap_or_default();
    if automation.iter().any(|it| it != "base") || automation.len() > 1 {
        return Err(ApiError::value("builtinAutomation can only be [\"base\"] or empty"));
    }
    let owner = caller.scope.owner();
    let role = roles::Role {
        id: 0,
        owner,
        name: name.to_owned(),
        category_id: category.id,
        os_id: os.id.to_owned(),
        description: description(new.description.unwrap_or_default())?,
        tags: Json(tags(new.tags.unwrap_or_default())?),
        builtin_automation: Json(automation),
        deprecated_at: None,
        deprecation_message: None,
        replacement_id: None,
    };
    let mut tx = app.db.write().await?;
    role_categories::visible(&mut tx, owner, category.id).await?;
    refuse_duplicate(&mut tx, owner, name, None).await?;
    let view = view(roles::insert(&mut tx, &role).await?);
    let change = Change::new("roles", "create", view.id.unwrap_or_default(), name).after(&view);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn show(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<Reply<Role>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(visible(&mut tx, caller.scope.owner(), id.role_id).await?)))
}

async fn update(State(app): State<App>, caller: Caller, Path(id): Path<Id>, body: Body) -> ApiResult<Reply<Role>> {
    body.refuse(READ_ONLY)?;
    body.refuse_later(CREATE_ONLY)?;
    let wanted: Role = body.read()?;
    refuse_what_comes_later(&wanted)?;
    let mut tx = app.db.write().await?;
    let before = own(&mut tx, &caller, id.role_id).await?;
    let mut role = before.clone();
    if let Some(name) = &wanted.name {
        role.name = checked_name(text("name", name)?)?.to_owned();
        refuse_duplicate(&mut tx, role.owner, name, Some(role.id)).await?;
    }
    if let Some(category) = &wanted.category {
        role.category_id = role_categories::visible(&mut tx, role.owner, category.id).await?.id;
    }
    if let Some(text) = wanted.description {
        role.description = description(text)?;
    }
    if let Some(wanted) = wanted.tags {
        role.tags = Json(tags(wanted)?);
    }
    save(app, caller, tx, "update", before, role).await
}

/// Writes what was changed of a role, and ends the transaction.
async fn save(
    app: App,
    caller: Caller,
    mut tx: Tx,
    verb: &'static str,
    before: roles::Role,
    role: roles::Role,
) -> ApiResult<Reply<Role>> {
    roles::update(&mut tx, &role).await?;
    let name = role.name.clone();
    let after = view(role);
    let change = Change::new("roles", verb, before.id, &name).before(&view(before)).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(id): Path<Id>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let role = own(&mut tx, &caller, id.role_id).await?;
    roles::delete(&mut tx, role.id).await?;
    let name = role.name.clone();
    let change = Change::new("roles", "delete", id.role_id, &name).before(&view(role));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn refuse_what_comes_later(role: &Role) -> ApiResult<()> {
    if role.use_scalr_agent == Some(true) {
        return Err(ApiError::value("useScalrAgent can only be false: servers have no agent yet"));
    }
    if role.quick_start == Some(true) {
        return Err(ApiError::value("quickStart can only be false: there are no quick starts"));
    }
    Ok(())
}

fn checked_name(name: &str) -> ApiResult<&str> {
    let is_inner = |it: char| it.is_ascii_alphanumeric() || matches!(it, ' ' | '-' | '_' | '.');
    let has_ends = name.starts_with(|it: char| it.is_ascii_alphanumeric())
        && name.ends_with(|it: char| it.is_ascii_alphanumeric());
    if has_ends && name.chars().all(is_inner) {
        return Ok(name);
    }
    let allowed = "letters, digits, blanks, \"-\", \"_\" and \".\"; it begins and ends with a letter or digit";
    Err(ApiError::value(format!("the name of a role has {allowed}")))
}

fn description(text: String) -> ApiResult<String> {
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Err(ApiError::value(format!("\"description\" has more than {LONGEST_DESCRIPTION} characters")));
    }
    Ok(text)
}

/// Each once, in the order they are given.
fn tags(wanted: Vec<String>) -> ApiResult<Vec<String>> {
    let mut tags: Vec<String> = Vec::new();
    for tag in wanted {
        text("tags", &tag)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(ApiError::value(format!("a role has at most {MOST_TAGS} tags")));
    }
    Ok(tags)
}

fn view(role: roles::Role) -> Role {
    let deprecated = role.deprecated_at.map(|at| RoleDeprecatedOptions {
        deprecated: at.0,
        message: role.deprecation_message,
        replacement: role.replacement_id.map(|id| IntegerRef { id }),
    });
    Role {
        id: Some(role.id),
        name: Some(role.name),
        category: Some(IntegerRef { id: role.category_id }),
        os: Some(TextRef { id: role.os_id }),
        description: Some(role.description),
        tags: Some(role.tags.0),
        builtin_automation: Some(role.builtin_automation.0),
        use_scalr_agent: Some(false),
        quick_start: Some(false),
        scope: Some(owned::scope(role.owner)),
        deprecated,
    }
}
