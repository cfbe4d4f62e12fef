use std::{collections::BTreeSet, path::Path};

use control_plane::http::{openapi, swagger, table};
use serde_json::Value;

/// The document that is checked in is the one of this code; `cargo xtask openapi` writes it.
#[test]
fn the_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = format!("{:#}\n", openapi::document());
    if std::env::var_os("STACKYARD_TEST_WRITE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "docs/openapi.json is not up to date: run `cargo xtask openapi`");
}

#[test]
fn every_route_is_in_it_once_and_names_its_permission() {
    let document = openapi::document();
    let mut ids = BTreeSet::new();
    for route in &table().routes {
        let operation = &document["paths"][format!("/api/v1beta0{}", route.path)][route.method.as_str().to_lowercase()];
        assert!(operation.is_object(), "{} {}", route.method, route.path);
        assert!(ids.insert(operation["operationId"].to_string()), "{operation:#}");
        assert!(route.path.ends_with('/'), "{}", route.path);
    }
}

/// What answers with a running validation when `Prefer: respond-async` is sent.
#[test]
fn answers_that_come_later_are_in_it() {
    let document = openapi::document();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().unwrap();
            let Some(prefer) = parameters.iter().find(|it| it["name"] == "Prefer") else { continue };
            assert_eq!(prefer["in"], "header");
            let later = &operation["responses"]["202"]["content"]["application/json"]["schema"]["properties"]["data"];
            assert_eq!(later["$ref"], "#/components/schemas/Validation", "{path}");
            let path = path.strip_prefix("/api/v1beta0/").unwrap();
            found.insert(format!("{method} {}", path.split_once("cloud-credentials/").unwrap().1));
        }
    }
    let expected = [
        "patch {cloudCredentialsId}/",
        "post ",
        "post actions/validate/",
        "post {cloudCredentialsId}/actions/validate/",
    ];
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

/// Schemas are named as their types are: of two types with one name, one would describe both.
#[test]
fn each_type_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api-types/src");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let types = text.lines().filter_map(|it| it.strip_prefix("pub struct ").or(it.strip_prefix("pub enum ")));
        for name in types.filter_map(|it| it.split(|it: char| !it.is_alphanumeric()).next()) {
            assert!(names.insert(name.to_owned()), "{name} in {} is in another file, too", path.display());
        }
    }
    assert!(names.contains("Farm"));
}

#[test]
fn references_lead_somewhere() {
    check(&openapi::document(), "#/components/schemas/", |document, name| {
        document["components"]["schemas"].get(name).is_some()
    });
    for level in ["user", "account", "global"] {
        check(&swagger::document(level), "#/definitions/", |document, name| {
            document["definitions"].get(name).is_some()
        });
    }
}

fn check(document: &Value, prefix: &str, has: impl Fn(&Value, &str) -> bool) {
    let mut todo = vec![document];
    while let Some(value) = todo.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    let name = reference.strip_prefix(prefix).unwrap_or_else(|| panic!("{reference}"));
                    assert!(has(document, name), "{reference}");
                }
                todo.extend(map.values());
            }
            Value::Array(list) => todo.extend(list),
            _ => {}
        }
    }
}
