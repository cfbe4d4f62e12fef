//! The API documents, made from the table of routes.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{Router, routing::get};
use bytes::Bytes;
use http::header;
use serde_json::{Map, Value, json};

use super::route::{Access, BASE, Route, TypeInfo};
use crate::app::App;

pub fn routes() -> Router<App> {
    // Anybody may ask for it, so it is made once.
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(document().to_string()));
    let answer = || async { ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone()) };
    Router::new().route("/api/openapi.json", get(answer))
}

/// OpenAPI 3.1 of every operation.
pub fn document() -> Value {
    let table = super::table();
    let mut schemas = BTreeMap::new();
    add(&mut schemas, &TypeInfo::of::<api_types::envelope::ErrorEnvelope>());
    add(&mut schemas, &TypeInfo::of::<api_types::envelope::Meta>());
    add(&mut schemas, &TypeInfo::of::<api_types::envelope::Pagination>());
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in &table.routes {
        for info in [&route.body, &route.reply, &route.later].into_iter().flatten() {
            add(&mut schemas, info);
        }
        let item = paths.entry(format!("{BASE}{}", route.path)).or_default();
        item.insert(route.method.as_str().to_lowercase(), operation(route));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Stackyard API",
            "version": "v1beta0",
            "description": "Cloud credentials, environments and inventory of OpenStack and VMware vSphere.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "keyPair": {
                    "type": "apiKey", "in": "header", "name": "X-Scalr-Key-Id",
                    "description": "With X-Scalr-Date and X-Scalr-Signature: V1-HMAC-SHA256 over method, date, path, query and body.",
                },
                "session": { "type": "apiKey", "in": "cookie", "name": "stackyard_session" },
            },
        },
    })
}

fn add(schemas: &mut BTreeMap<String, Value>, info: &TypeInfo) {
    for (name, schema) in &info.schemas {
        if let Ok(mut schema) = serde_json::to_value(schema) {
            lift_read_only(&mut schema);
            schemas.insert(name.clone(), schema);
        }
    }
}

/// The derive says of a read-only list that its items are; it is the list.
fn lift_read_only(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            let items = map.get_mut("items").and_then(Value::as_object_mut);
            if items.is_some_and(|it| it.remove("readOnly").is_some()) {
                map.insert("readOnly".to_owned(), Value::Bool(true));
            }
            map.values_mut().for_each(lift_read_only);
        }
        Value::Array(list) => list.iter_mut().for_each(lift_read_only),
        _ => {}
    }
}

/// Stable and unique: `get_account_cloud-credentials_id`.
pub(super) fn operation_id(route: &Route) -> String {
    let words = route.path.split('/').filter(|it| !it.is_empty()).map(|it| it.trim_matches(['{', '}']));
    let words: Vec<&str> = words.collect();
    format!("{}_{}", route.method.as_str().to_lowercase(), words.join("_"))
}

fn operation(route: &Route) -> Value {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let mut parameters: Vec<Value> = path_parameters(route.path)
        .into_iter()
        .map(|(name, kind)| json!({ "name": name, "in": "path", "required": true, "schema": { "type": kind } }))
        .collect();
    let mut query = |name: &str, description: &str, schema: Value| {
        parameters.push(json!({ "name": name, "in": "query", "description": description, "schema": schema }));
    };
    for (name, description) in route.query {
        query(name, description, json!({ "type": "string" }));
    }
    if route.is_list {
        query(
            "maxResults",
            "Rows of a page.",
            json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 100 }),
        );
        query("pageNum", "Number of the page.", json!({ "type": "integer", "minimum": 1, "default": 1 }));
        for filter in route.filters {
            let meaning = match filter.strip_suffix("Contains") {
                Some(part) => format!("Only rows whose {part} contains this; case does not matter."),
                None => "Only rows with this value.".to_owned(),
            };
            query(filter, &meaning, json!({ "type": "string" }));
        }
    }
    if !route.sorts.is_empty() {
        let values = route.sorts.iter().flat_map(|it| [(*it).to_owned(), format!("-{it}")]).collect::<Vec<_>>();
        query("sort", "Order; a minus turns it round.", json!({ "type": "string", "enum": values }));
    }
    if route.takes_age {
        query(
            "maxAge",
            "Oldest acceptable reading of the cloud, in seconds.",
            json!({ "type": "integer", "minimum": 0 }),
        );
    }
    let mut responses = Map::new();
    responses.insert(route.status.to_string(), success(route, &reference));
    if let Some(later) = &route.later {
        parameters.push(json!({
            "name": "Prefer", "in": "header", "schema": { "type": "string", "enum": ["respond-async"] },
            "description": "respond-async (RFC 7240): answer 202 at once and go on in the background.",
        }));
        let description = "Begun; the report grows at validations/{id}/ and at validations/{id}/stream/.";
        responses.insert("202".to_owned(), envelope(description, reference(&later.name), None, &reference));
    }
    for (status, description) in errors(route) {
        let content = json!({ "application/json": { "schema": reference("ErrorEnvelope") } });
        responses.insert(status.to_owned(), json!({ "description": description, "content": content }));
    }
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [tag(route.path)],
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(body) = &route.body {
        let content = json!({ "application/json": { "schema": reference(&body.name) } });
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    if route.is_upload {
        let content = json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } });
        operation["requestBody"] = json!({
            "required": true,
            "description": "The file. Content-Length is needed; a signature covers an empty body.",
            "content": content,
        });
    }
    match route.access {
        Access::Public => operation["security"] = json!([]),
        Access::Login | Access::Logout => {}
        Access::Needs(permission) => operation["x-permission"] = json!(permission.as_str()),
    }
    if route.access != Access::Public {
        operation["security"] = json!([{ "token": [] }, { "keyPair": [] }, { "session": [] }]);
    }
    operation
}

fn success(route: &Route, reference: &dyn Fn(&str) -> Value) -> Value {
    if route.is_stream {
        let content = json!({ "text/event-stream": { "schema": { "type": "string" } } });
        return json!({ "description": "A stream of events.", "content": content });
    }
    if let Some(media) = route.media {
        let content = json!({ media: { "schema": { "type": "string", "format": "binary" } } });
        return json!({ "description": route.summary, "content": content });
    }
    let Some(reply) = &route.reply else { return json!({ "description": "Done." }) };
    let data = match route.is_list {
        true => json!({ "type": "array", "items": reference(&reply.name) }),
        false => reference(&reply.name),
    };
    let pagination = route.is_list.then(|| reference("Pagination"));
    envelope(route.summary, data, pagination, reference)
}

fn envelope(description: &str, data: Value, pagination: Option<Value>, reference: &dyn Fn(&str) -> Value) -> Value {
    let mut properties = json!({
        "meta": reference("Meta"),
        "data": data,
        "warnings": { "type": "array", "items": reference("Message") },
    });
    if let Some(pagination) = pagination {
        properties["pagination"] = pagination;
    }
    let schema = json!({ "type": "object", "required": ["meta", "data", "warnings"], "properties": properties });
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

fn errors(route: &Route) -> Vec<(&'static str, &'static str)> {
    let mut errors = vec![("400", "The request is not understood, or holds a wrong value.")];
    if route.access != Access::Public {
        errors.push(("404", "There is no such object, or it belongs to another account."));
    }
    errors.push(("401", "The request is not authenticated."));
    errors.push(("403", "The permission is missing."));
    errors.push(("409", "The state of the object does not allow it."));
    errors.push(("500", "The control plane failed."));
    errors.push(("503", "The database or the cloud does not answer."));
    errors
}

/// The first noun of a path.
fn tag(path: &str) -> &str {
    let words = path.split('/').filter(|it| !it.is_empty() && !it.starts_with('{'));
    let mut words = words.filter(|it| !matches!(*it, "global" | "account" | "user"));
    words.next().unwrap_or("environments")
}

/// Names in braces with their JSON types.
pub(super) fn path_parameters(path: &str) -> Vec<(&str, &'static str)> {
    let names = path.split('/').filter_map(|it| it.strip_prefix('{').and_then(|it| it.strip_suffix('}')));
    names
        .map(|it| {
            (
                it,
                if matches!(
                    it,
                    "accountId" | "envId" | "teamId" | "userId" | "roleId" | "roleCategoryId" | "farmId" | "farmRoleId"
                ) {
                    "integer"
                } else {
                    "string"
                },
            )
        })
        .collect()
}
