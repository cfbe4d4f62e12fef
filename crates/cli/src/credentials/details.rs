//! What a cloud told about itself when its credentials were proved.

use clap::Args;
use serde_json::{Value, json};

use super::NOUN;
use crate::{
    app::App,
    failure::{Failure, Outcome},
    object,
    output::{Form, column::Column, print, print_list, print_object},
};

pub const EXAMPLES: &str = "\
Examples:
  stackyard credentials show lab
  stackyard credentials show lab --extensions
  stackyard credentials show lab -o yaml";

const SERVICES: &[Column] = &[
    Column::text("REGION", "/region"),
    Column::text("SERVICE", "/name"),
    Column::text("TYPE", "/catalogType"),
    Column::text("URL", "/url"),
    Column::text("VERSIONS", "/versions"),
    Column::text("EXTENSIONS", "/nExtensions"),
    Column::text("ERROR", "/error"),
];
const EXTENSIONS: &[Column] = &[
    Column::text("REGION", "/region"),
    Column::text("SERVICE", "/service"),
    Column::text("ALIAS", "/alias"),
    Column::text("NAME", "/name"),
];
const VCENTERS: &[Column] = &[
    Column::text("VCENTER", "/url"),
    Column::text("API TYPE", "/apiType"),
    Column::text("API VERSION", "/apiVersion"),
    Column::text("PRODUCT", "/fullName"),
    Column::text("INSTANCE UUID", "/instanceUuid"),
];

#[derive(Debug, Args)]
pub struct Show {
    /// By id or name
    credentials: String,
    /// List the extensions of each OpenStack service by name
    #[arg(long)]
    extensions: bool,
}

pub async fn show(app: &App, all: &str, args: Show) -> Outcome {
    let mut credentials = object::get(app, &NOUN, all, &args.credentials).await?;
    if args.extensions {
        let Some(regions) = credentials.pointer("/cloudDetails/regions") else {
            return Err(Failure::usage("nothing is known of extensions: only a validated OpenStack tells them"));
        };
        return print_list(app.form, EXTENSIONS, "/alias", &extensions(regions));
    }
    if app.form != Form::Table {
        return print_object(app.form, NOUN.id, &credentials);
    }
    let details = credentials.as_object_mut().and_then(|it| it.remove("cloudDetails")).unwrap_or_default();
    print_object(app.form, NOUN.id, &credentials)?;
    if let Some(vcenters) = details["vCenters"].as_array() {
        print("\n")?;
        print_list(app.form, VCENTERS, "/url", vcenters)?;
    }
    if details["regions"].is_array() {
        let told = json!({
            "identity": details["identity"]["version"], "user": details["user"], "project": details["project"],
            "roles": details["roles"],
        });
        print("\n")?;
        print_object(app.form, "/identity", &told)?;
        print("\n")?;
        print_list(app.form, SERVICES, "/url", &services(&details["regions"]))?;
    }
    Ok(())
}

fn of_regions(regions: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let regions = regions.as_array().into_iter().flatten();
    regions.flat_map(|it| it["services"].as_array().into_iter().flatten().map(|service| (&it["name"], service)))
}

fn services(regions: &Value) -> Vec<Value> {
    let rows = of_regions(regions).map(|(region, service)| {
        let mut row = service.clone();
        row["region"] = region.clone();
        row["nExtensions"] = service["extensions"].as_array().map_or(0, Vec::len).into();
        row["versions"] = versions(&service["versions"]).into();
        row
    });
    rows.collect()
}

/// One version with its microversions; of several the first and the last.
fn versions(versions: &Value) -> String {
    let text = |it: &Value| {
        let key = |key: &str| it[key].as_str().unwrap_or_default();
        match (key("minVersion"), key("maxVersion")) {
            ("", _) | (_, "") => key("id").to_owned(),
            (min, max) => format!("{} ({min} to {max})", key("id")),
        }
    };
    match versions.as_array().map_or(&[][..], Vec::as_slice) {
        [] => String::new(),
        [one] => text(one),
        [first, .., last] => format!("{} to {}", text(first), text(last)),
    }
}

fn extensions(regions: &Value) -> Vec<Value> {
    let rows = of_regions(regions).flat_map(|(region, service)| {
        let all = service["extensions"].as_array().into_iter().flatten();
        all.map(
            move |it| json!({ "region": region, "service": service["name"], "alias": it["alias"], "name": it["name"] }),
        )
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_words() {
        let check = |all: Value, expected: &str| assert_eq!(versions(&all), expected);
        let of = |id: &str, min: &str, max: &str| json!({ "id": id, "minVersion": min, "maxVersion": max });
        check(json!([]), "");
        check(Value::Null, "");
        check(json!([of("v2.0", "", "")]), "v2.0");
        check(json!([of("v2.1", "2.1", "2.104")]), "v2.1 (2.1 to 2.104)");
        check(json!([of("v2.0", "", ""), of("v2.1", "", ""), of("v2.17", "", "")]), "v2.0 to v2.17");
    }
}
