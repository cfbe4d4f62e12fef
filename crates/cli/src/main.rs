//! `stackyard`: the server, its administration on its own machine, and the client of its API.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod accounts;
mod acl_roles;
mod admin;
mod api_keys;
mod app;
mod assets;
mod audit;
mod cli;
mod client;
mod cloud_events;
mod cloud_logs;
mod cloud_tasks;
mod clouds;
mod context;
mod contexts;
mod cost_centers;
mod credentials;
mod datastore_files;
mod environments;
mod failure;
mod farm_roles;
mod farms;
mod floating_ips;
mod folders;
mod help;
mod images;
mod instance_types;
mod inventory;
mod location;
mod login;
mod logout;
mod machines;
mod man;
mod object;
mod os;
mod output;
mod permissions;
mod private_networks;
mod profile;
mod projects;
mod resource_pools;
mod role_categories;
mod roles;
mod search;
mod secret;
mod security_groups;
mod server;
mod servers;
mod sessions;
mod settings;
mod sizes;
mod system;
mod teams;
mod tokens;
mod users;
mod volumes;
mod watch;

use std::{env, ffi::OsString, path::Path, process::ExitCode};

use failure::Failure;
use output::{note, report};

fn main() -> ExitCode {
    let arguments = arguments(env::args_os().collect());
    let outcome = cli::parse(arguments).and_then(cli::run);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            failure.exit_code()
        }
    }
}

/// Under the name of the original's administration program, this is ours.
fn arguments(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let called = arguments.first().and_then(|it| Path::new(it).file_name());
    if called.is_some_and(|it| it == "scalr-server-ctl") {
        arguments.insert(1, "admin".into());
    }
    arguments
}

fn tell(failure: &Failure) {
    match failure {
        Failure::Usage(text) | Failure::NotFound(text) => note(&format!("error: {text}")),
        Failure::Unreachable { url, reason } => note(&format!("error: cannot reach {url}: {reason}")),
        Failure::Other(err) => note(&format!("error: {err:#}")),
        Failure::Refused(refusal) => {
            if let Some(validation) = &refusal.validation {
                note(&report::text(validation));
            }
            note(&format!("error: {} ({}, request {})", refusal.message, refusal.code, refusal.request_id));
            if let Some(remedy) = &refusal.remedy {
                note(&format!("what to do: {remedy}"));
            }
        }
        Failure::Misused | Failure::Told | Failure::PipeClosed => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_original_means_admin() {
        let check = |given: &[&str], expected: &[&str]| {
            assert_eq!(arguments(given.iter().map(OsString::from).collect()), expected);
        };
        check(&["/usr/bin/scalr-server-ctl", "reconfigure"], &["/usr/bin/scalr-server-ctl", "admin", "reconfigure"]);
        check(&["stackyard", "reconfigure"], &["stackyard", "reconfigure"]);
        check(&[], &[]);
    }
}
