//! Projects: what farms are for. Made at each scope, visible there and below.

use api_types::{TextRef, projects::Project};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use store::{DbError, Owner, Select, Time, Tx, projects};
use uuid::Uuid;

use super::{
    body::{Body, required, text},
    caller::{Caller, Change},
    cost_centers::{self, note},
    error::{ApiError, ApiResult},
    extract::Path,
    list::{Column, ListQuery},
    owned::{self, everywhere},
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, patch, post},
};
use crate::{app::App, permission::Permission as P};

const COLUMNS: &[Column] = &[
    Column::text("id", "id"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("costCenter", "cost_center_id"),
    Column::text("billingCode", "billing_code"),
];
const FILTERS: &[&str] = &["id", "name", "nameContains", "costCenter", "billingCode", "scope"];
const READ_ONLY: &[&str] = &["id", "scope"];

pub fn routes(routes: &mut Routes) {
    type V = Project;
    for path in everywhere!("projects/") {
        let summary = "List the projects available here";
        routes
            .add(get(path, Needs(P::ProjectsRead), summary).lists::<V>(FILTERS).sorts(&["id", "name"]), list)
            .add(post(path, Needs(P::ProjectsManage), "Create a project").takes::<V>().creates::<V>(), create);
    }
    for path in everywhere!("projects/{projectId}/") {
        routes
            .add(get(path, Needs(P::ProjectsRead), "Get a project").gives::<V>(), show)
            .add(patch(path, Needs(P::ProjectsManage), "Change a project").takes::<V>().gives::<V>(), update)
            .add(delete(path, Needs(P::ProjectsManage), "Delete a project that no farm is of"), remove);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    project_id: String,
}

/// A project that is visible from `here`.
pub(super) async fn visible(tx: &mut Tx, here: Owner, id: &str) -> ApiResult<projects::Project> {
    let found = projects::find(tx, id).await?.filter(|it| here.sees(it.owner));
    found.ok_or_else(|| ApiError::not_found(format!("project {id}")))
}

/// A project that belongs to the caller's scope.
async fn own(tx: &mut Tx, caller: &Caller, id: &str) -> ApiResult<projects::Project> {
    let project = visible(tx, caller.scope.owner(), id).await?;
    owned::refuse_foreign(caller, project.owner, format_args!("project {id}"))?;
    Ok(project)
}

async fn list(State(app): State<App>, caller: Caller, query: ListQuery) -> ApiResult<Reply<Vec<Project>>> {
    let select = owned::of_scope(&query, query.select(COLUMNS)?)?;
    let mut tx = app.db.read().await?;
    let found = projects::list(&mut tx, caller.scope.owner(), select).await?;
    Ok(Reply::list(found.map(view), &query))
}

async fn create(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<Reply<Project>> {
    body.refuse(READ_ONLY)?;
    let new: Project = body.read()?;
    let cost_center = new.cost_center.ok_or_else(|| ApiError::structure("\"costCenter\" is missing"))?;
    let project = projects::Project {
        id: Uuid::now_v7().to_string(),
        owner: caller.scope.owner(),
        cost_center_id: cost_center.id,
        name: required("name", new.name.as_ref())?.to_owned(),
        billing_code: note("billingCode", new.billing_code)?.unwrap_or_default(),
        lead_email: note("leadEmail", new.lead_email)?.unwrap_or_default(),
        description: note("description", new.description)?.unwrap_or_default(),
        created_at: Time::now(),
    };
    let mut tx = app.db.write().await?;
    cost_centers::get_one(&mut tx, &project.cost_center_id).await?;
    refuse_duplicate(&mut tx, &project).await?;
    projects::insert(&mut tx, &project).await?;
    let (id, name) = (project.id.clone(), project.name.clone());
    let view = view(project);
    caller.record(&mut tx, &app, Change::new("projects", "create", id, &name).after(&view)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::created(view))
}

async fn refuse_duplicate(tx: &mut Tx, project: &projects::Project) -> ApiResult<()> {
    let same = projects::list(tx, project.owner, Select::new().eq("name", project.name.as_str())).await?.rows;
    let same = same.into_iter().map(|it| (it.id, it.owner));
    owned::refuse_duplicate("a project", &project.name, Some(project.id.clone()), same)
}

async fn show(State(app): State<App>, caller: Caller, Path(Id { project_id }): Path<Id>) -> ApiResult<Reply<Project>> {
    let mut tx = app.db.read().await?;
    Ok(Reply::ok(view(visible(&mut tx, caller.scope.owner(), &project_id).await?)))
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(Id { project_id }): Path<Id>,
    body: Body,
) -> ApiResult<Reply<Project>> {
    body.refuse(READ_ONLY)?;
    body.refuse_later(&["costCenter"])?;
    let wanted: Project = body.read()?;
    let mut tx = app.db.write().await?;
    let mut project = own(&mut tx, &caller, &project_id).await?;
    let before = view(project.clone());
    if let Some(name) = &wanted.name {
        project.name = text("name", name)?.to_owned();
        refuse_duplicate(&mut tx, &project).await?;
    }
    project.billing_code = note("billingCode", wanted.billing_code)?.unwrap_or(project.billing_code);
    project.lead_email = note("leadEmail", wanted.lead_email)?.unwrap_or(project.lead_email);
    project.description = note("description", wanted.description)?.unwrap_or(project.description);
    projects::update(&mut tx, &project).await?;
    let name = project.name.clone();
    let after = view(project);
    let change = Change::new("projects", "update", project_id, &name).before(&before).after(&after);
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(after))
}

async fn remove(State(app): State<App>, caller: Caller, Path(Id { project_id }): Path<Id>) -> ApiResult<StatusCode> {
    let mut tx = app.db.write().await?;
    let project = own(&mut tx, &caller, &project_id).await?;
    projects::delete(&mut tx, &project_id).await.map_err(|err| match err {
        DbError::InUse { .. } => {
            let message = format!("project {:?} is in use by farms", project.name);
            ApiError::conflict("ObjectInUse", message).remedy("give those farms another project first")
        }
        other => other.into(),
    })?;
    let name = project.name.clone();
    let change = Change::new("projects", "delete", project_id, &name).before(&view(project));
    caller.record(&mut tx, &app, change).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(StatusCode::NO_CONTENT)
}

fn view(project: projects::Project) -> Project {
    let projects::Project { id, owner, cost_center_id, name, billing_code, lead_email, description, .. } = project;
    Project {
        id: Some(id),
        name: Some(name),
        cost_center: Some(TextRef { id: cost_center_id }),
        billing_code: Some(billing_code),
        lead_email: Some(lead_email),
        description: Some(description),
        scope: Some(owned::scope(owner)),
    }
}
