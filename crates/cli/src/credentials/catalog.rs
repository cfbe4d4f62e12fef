use std::collections::BTreeMap;

use api_types::{cloud_credentials::CatalogEntry, validations::Validation};
use clap::Args;
use serde_json::{Value, json};

use super::{NOUN, certificate, fields::read_pem, validate::read};
use crate::{
    app::App,
    client::{Call, encode},
    failure::{Failure, Outcome},
    object,
    output::{Form, column::Column, note, print, print_data, print_list, report, table::Table},
};

pub const EXAMPLES: &str = "\
Examples:
  stackyard credentials catalog lab
  stackyard credentials catalog lab --firewall";
pub const PORT_EXAMPLES: &str = "\
Examples:
  stackyard credentials check-ports --cloud openstack --url https://keystone.example:5000
  stackyard credentials check-ports --cloud vmware --url https://vc.example/sdk --insecure";

const COLUMNS: &[Column] = &[
    Column::text("REGION", "/region"),
    Column::text("SERVICE", "/service"),
    Column::text("TYPE", "/serviceType"),
    Column::text("INTERFACE", "/interface"),
    Column::text("URL", "/url"),
    Column::text("HOST", "/host"),
    Column::text("PORT", "/port"),
    Column::text("DEFAULT PORT", "/isDefaultPort"),
    Column::text("USED", "/isUsed"),
];

#[derive(Debug, Args)]
pub struct Catalog {
    /// By id or name
    credentials: String,
    /// Print the firewall rules to open instead
    #[arg(long)]
    firewall: bool,
}

#[derive(Debug, Args)]
pub struct CheckPorts {
    /// openstack or vmware
    #[arg(long, value_name = "CLOUD", value_parser = ["openstack", "vmware"])]
    cloud: String,
    #[arg(long, value_name = "URL")]
    url: String,
    /// PEM of certificate authorities to trust besides the system's
    #[arg(long, value_name = "FILE")]
    ca_certificate: Option<std::path::PathBuf>,
    /// SHA-256 of a certificate to accept as it is; may be repeated
    #[arg(long = "fingerprint", value_name = "SHA256")]
    fingerprints: Vec<String>,
    /// Do not verify certificates; no secret is sent
    #[arg(long)]
    insecure: bool,
}

pub async fn run(app: &App, all: &str, args: Catalog) -> Outcome {
    let id = object::id_of(app, &NOUN, all, &args.credentials).await?;
    let answer = app.client.send(&Call::get(format!("{all}{}/catalog/", encode(&id)))).await?;
    if !args.firewall {
        let rows: &[Value] = answer.data.as_array().map_or(&[], Vec::as_slice);
        return print_list(app.form, COLUMNS, "/url", rows);
    }
    let rules = rules(&read::<Vec<CatalogEntry>>(answer.data)?);
    if app.form != Form::Table {
        let rules = rules.iter().map(|((host, port), services)| {
            json!({ "protocol": "tcp", "from": "control plane", "host": host, "port": port, "services": services })
        });
        return print_data(app.form, &Value::Array(rules.collect()));
    }
    let mut table = Table::new(["PROTOCOL", "FROM", "TO", "SERVICE"]);
    for ((host, port), services) in &rules {
        let host = if host.contains(':') { format!("[{}]", host.trim_matches(['[', ']'])) } else { host.clone() };
        table.row(["TCP".to_owned(), "control plane".to_owned(), format!("{host}:{port}"), services.join(", ")]);
    }
    print(&table.to_string())?;
    note("managed servers need none of these: they never receive cloud credentials");
    Ok(())
}

/// What the control plane connects to, each host and port once.
fn rules(entries: &[CatalogEntry]) -> BTreeMap<(String, u16), Vec<String>> {
    let mut rules: BTreeMap<(String, u16), Vec<String>> = BTreeMap::new();
    for entry in entries.iter().filter(|it| it.is_used) {
        let services = rules.entry((entry.host.clone(), entry.port)).or_default();
        if !services.contains(&entry.service) {
            services.push(entry.service.clone());
        }
    }
    rules
}

pub async fn check_ports(app: &App, all: &str, args: CheckPorts) -> Outcome {
    let pem = args.ca_certificate.as_ref().map(read_pem).transpose()?;
    let call = Call::post(format!("{all}actions/check-ports/")).with([
        ("cloud", Some(args.cloud.into())),
        ("url", Some(args.url.into())),
        ("caCertificate", pem.map(Into::into)),
        ("certificateFingerprints", (!args.fingerprints.is_empty()).then(|| json!(args.fingerprints))),
        ("sslVerification", args.insecure.then_some(Value::Bool(false))),
    ]);
    let validation: Validation = read(app.client.data(&call).await?)?;
    report::print_report(app.form, &validation)?;
    certificate::untrusted(&validation);
    let is_failed = validation.checks.iter().any(|it| it.status == api_types::validations::CheckStatus::Failed);
    if is_failed { Err(Failure::Told) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_for_each_host_and_port_that_is_used() {
        let entry = |service: &str, host: &str, port, is_used| CatalogEntry {
            region: None,
            service: service.to_owned(),
            service_type: service.to_owned(),
            interface: None,
            url: String::new(),
            host: host.to_owned(),
            port,
            is_default_port: true,
            is_used,
        };
        let entries = [
            entry("compute", "a", 8774, true),
            entry("identity", "a", 443, true),
            entry("image", "a", 443, true),
            entry("image", "a", 443, true),
            entry("heat", "a", 8004, false),
        ];
        let expected = [
            (("a".to_owned(), 443), vec!["identity".to_owned(), "image".to_owned()]),
            (("a".to_owned(), 8774), vec!["compute".to_owned()]),
        ];
        assert_eq!(rules(&entries), BTreeMap::from(expected));
    }
}
