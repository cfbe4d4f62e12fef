//! The API documents in the form of the original, Swagger 2: one for each level, from the same table of routes. The
//! published client makes its commands, options and tables from them.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::header;
use serde_json::{Map, Value, json};

use super::{
    error::ApiError,
    farm_roles, images, openapi, roles,
    route::{BASE, Route},
};
use crate::app::App;

const LEVELS: [&str; 3] = ["user", "account", "global"];
/// Names of bodies that the published client fills from its options.
const BODIES: [(&str, &str); 6] = [
    ("RebootServer", "serverRebootOptions"),
    ("TerminateServer", "serverTerminationOptions"),
    ("TerminateFarm", "terminateFarmRequest"),
    ("CloneFarm", "cloneFarmRequest"),
    ("LockFarm", "lockFarmRequest"),
    ("ReplaceImage", "replaceImageRequest"),
];
/// Properties that can be set only when an object is made.
const CREATE_ONLY: [(&str, &[&str]); 8] = [
    ("CloudCredentials", &["cloudCredentialsType", "provider"]),
    ("OpenstackCloudCredentials", &["cloudCredentialsType", "provider"]),
    ("VmwareCloudCredentials", &["cloudCredentialsType", "provider"]),
    ("Environment", &["type"]),
    ("AclRole", &["baseRole"]),
    ("Image", images::CREATE_ONLY),
    ("Role", roles::CREATE_ONLY),
    ("FarmRole", farm_roles::CREATE_ONLY),
];
const CONCRETE: [&str; 2] = ["OpenstackCloudCredentials", "VmwareCloudCredentials"];

pub fn routes() -> Router<App> {
    LEVELS.into_iter().fold(Router::new(), |router, level| {
        let path = format!("/api/{level}.v1beta0.yml");
        // Anybody may ask for it, so it is made once.
        let made = Arc::new(OnceLock::new());
        router.route(&path, get(move || async move { yaml(level, &made) }))
    })
}

fn yaml(level: &str, made: &OnceLock<Bytes>) -> Response {
    let text = match made.get() {
        Some(text) => text.clone(),
        None => match serde_yaml_ng::to_string(&document(level)) {
            Ok(text) => made.get_or_init(|| text.into()).clone(),
            Err(err) => return ApiError::internal(err).into_response(),
        },
    };
    ([(header::CONTENT_TYPE, "application/yaml")], text).into_response()
}

/// One level: `user`, `account` or `global`.
pub fn document(level: &str) -> Value {
    let prefix = format!("/{level}/");
    let mut definitions = definitions();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let routes = super::table().routes.iter();
    // What is no JSON is not for the published client.
    let routes = routes.filter(|it| it.path.starts_with(&prefix) && !it.is_stream && it.media.is_none());
    for route in routes {
        let path = route.path.trim_start_matches(&format!("/{level}"));
        let item = paths.entry(path.to_owned()).or_insert_with(|| {
            let parameters = openapi::path_parameters(path).into_iter().map(|(name, kind)| {
                json!({ "name": name, "in": "path", "required": true, "type": kind, "description": words(name) })
            });
            let parameters: Vec<Value> = parameters.collect();
            Map::from_iter([("parameters".to_owned(), Value::Array(parameters))])
        });
        item.insert(route.method.as_str().to_lowercase(), operation(route, &mut definitions));
    }
    // Nothing is said of a path without parameters.
    for item in paths.values_mut() {
        item.retain(|key, value| key != "parameters" || value.as_array().is_some_and(|it| !it.is_empty()));
    }
    json!({
        "swagger": "2.0",
        "info": { "title": format!("Stackyard API, {level} level"), "version": "v1beta0" },
        "basePath": format!("{BASE}/{level}"),
        "produces": ["application/json"],
        "paths": paths,
        "definitions": definitions,
    })
}

/// `cloudCredentialsId` in words, for the client's help.
fn words(name: &str) -> String {
    let mut words = String::from("The ");
    for letter in name.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words + "."
}

fn operation(route: &Route, definitions: &mut BTreeMap<String, Value>) -> Value {
    let mut responses = Map::new();
    let success = match &route.reply {
        None => json!({ "description": "Done." }),
        Some(reply) => {
            let kind = if route.is_list { "List" } else { "Details" };
            let name = format!("{}{kind}Response", reply.name);
            definitions.entry(name.clone()).or_insert_with(|| envelope(&reply.name, route.is_list));
            if !route.filters.is_empty()
                && let Some(definition) = definitions.get_mut(&reply.name)
            {
                definition["x-filterable"] = json!(route.filters);
            }
            json!({ "description": route.summary, "schema": { "$ref": format!("#/definitions/{name}") } })
        }
    };
    responses.insert(route.status.to_string(), success);
    for status in ["400", "401", "403", "404", "409", "500", "503"] {
        let schema = json!({ "$ref": "#/definitions/ApiErrorResponse" });
        responses.insert(status.to_owned(), json!({ "description": "See errors.", "schema": schema }));
    }
    let mut parameters: Vec<Value> = Vec::new();
    if let Some(body) = &route.body {
        let mut name = format!("{}Object", body.name);
        name.replace_range(..1, &name[..1].to_lowercase());
        let known = BODIES.iter().find(|(of, _)| *of == body.name).map(|(_, name)| *name);
        parameters.push(json!({
            "name": known.unwrap_or(&name), "in": "body", "required": true, "description": "The JSON of the object.",
            "schema": { "$ref": format!("#/definitions/{}", body.name) },
        }));
    }
    // The client takes every parameter of a change for a body to read, so those of the query are left out there.
    if route.body.is_none() {
        parameters.extend(route.query.iter().map(|(name, description)| {
            json!({ "name": name, "in": "query", "required": false, "type": "string", "description": description })
        }));
    }
    json!({ "description": route.summary, "operationId": openapi::operation_id(route), "parameters": parameters, "responses": responses })
}

fn envelope(name: &str, is_list: bool) -> Value {
    let reference = json!({ "$ref": format!("#/definitions/{name}") });
    let data = if is_list { json!({ "type": "array", "items": reference }) } else { reference };
    let messages = json!({ "type": "array", "items": { "$ref": "#/definitions/Message" } });
    let mut properties = json!({
        "meta": { "$ref": "#/definitions/Meta" }, "data": data, "warnings": messages, "errors": messages,
    });
    if is_list {
        properties["pagination"] = json!({ "$ref": "#/definitions/Pagination" });
    }
    json!({ "type": "object", "properties": properties })
}

/// The schemas of OpenAPI 3.1 in the words of Swagger 2.
fn definitions() -> BTreeMap<String, Value> {
    let document = openapi::document();
    let empty = Map::new();
    let schemas = document["components"]["schemas"].as_object().unwrap_or(&empty);
    let mut definitions: BTreeMap<String, Value> =
        schemas.iter().map(|(name, schema)| (name.clone(), plain(schema, schemas))).collect();
    // What is common to both types, with the property that tells them apart.
    if let Some(mut common) = definitions.get("VmwareCloudCredentials").cloned() {
        if let Some(properties) = common["properties"].as_object_mut() {
            properties.retain(|key, _| {
                !matches!(key.as_str(), "url" | "linkedVCenters" | "userName" | "password" | "cloudDetails")
            });
        }
        common["discriminator"] = json!("cloudCredentialsType");
        common["required"] = json!(["name", "cloudCredentialsType"]);
        let concrete = CONCRETE.map(|it| json!({ "$ref": format!("#/definitions/{it}") }));
        common["x-concreteTypes"] = json!(concrete);
        definitions.insert("CloudCredentials".to_owned(), common);
    }
    for name in CONCRETE {
        if let Some(definition) = definitions.get_mut(name) {
            definition["x-abstractType"] = json!({ "$ref": "#/definitions/CloudCredentials" });
            definition["x-discriminator"] = json!("cloudCredentialsType");
        }
    }
    for (name, keys) in CREATE_ONLY {
        if let Some(definition) = definitions.get_mut(name) {
            definition["x-createOnly"] = json!(keys);
        }
    }
    if let Some(error) = definitions.remove("ErrorEnvelope") {
        definitions.insert("ApiErrorResponse".to_owned(), error);
    }
    definitions
}

/// One schema: without null types and unions, parts merged, references to plain words replaced by the words.
fn plain(schema: &Value, all: &Map<String, Value>) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return match all.get(name) {
            Some(target) if target.get("enum").is_some() => plain(target, all),
            _ => json!({ "$ref": format!("#/definitions/{name}") }),
        };
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(parts) = object.get(union).and_then(Value::as_array) {
            let part = parts.iter().find(|it| it["type"] != "null");
            let mut part = part.map_or_else(|| json!({ "type": "string" }), |it| plain(it, all));
            if object.get("readOnly").is_some() && part.get("$ref").is_none() {
                part["readOnly"] = json!(true);
            }
            return part;
        }
    }
    if let Some(parts) = object.get("allOf").and_then(Value::as_array) {
        return merged(
            parts.iter().map(|it| match it["$ref"].as_str() {
                Some(reference) => all.get(reference.rsplit('/').next().unwrap_or_default()).unwrap_or(it),
                None => it,
            }),
            all,
        );
    }
    let mut result = Map::new();
    for (key, value) in object {
        let value = match (key.as_str(), value) {
            ("type", Value::Array(types)) => types.iter().find(|it| **it != "null").cloned().unwrap_or(json!("string")),
            ("properties", Value::Object(properties)) => {
                Value::Object(properties.iter().map(|(name, it)| (name.clone(), plain(it, all))).collect())
            }
            ("items" | "additionalProperties", it) => plain(it, all),
            (_, it) => it.clone(),
        };
        if !matches!(key.as_str(), "propertyNames" | "writeOnly" | "title") {
            result.insert(key.clone(), value);
        }
    }
    Value::Object(result)
}

fn merged<'a>(parts: impl Iterator<Item = &'a Value>, all: &Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for part in parts {
        let part = plain(part, all);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    let mut result = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        result["required"] = Value::Array(required);
    }
    result
}
