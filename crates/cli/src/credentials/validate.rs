use std::time::Duration;

use api_types::validations::{Check, Validation, ValidationStatus};
use clap::{Args, Subcommand};
use serde_json::Value;
use tokio::time::sleep;

use super::{
    NOUN, certificate,
    save::{OpenstackInput, VsphereInput},
    validation_path,
};
use crate::{
    app::App,
    client::{Call, encode},
    failure::{Failure, Outcome},
    object,
    output::{Form, note, report},
};

pub const EXAMPLES: &str = "\
Checks that are not required can at most warn. Exits with 1 when a required check fails.

Examples:
  stackyard credentials validate lab
  stackyard credentials validate lab -o json
  stackyard credentials validate --unsaved openstack --openrc ./openrc.sh
  stackyard credentials validate --unsaved vsphere --url https://vc.example/sdk --user me@vsphere.local";

/// Before a stream that broke is opened again.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
pub struct Validate {
    /// Saved credentials, by id or name
    #[arg(required = true)]
    credentials: Option<String>,
    /// Check what is given here, and keep nothing
    #[arg(long, conflicts_with = "credentials")]
    unsaved: bool,
    #[command(subcommand)]
    input: Option<Input>,
}

#[derive(Debug, Subcommand)]
enum Input {
    /// Check input for an OpenStack
    #[command(after_long_help = "Examples:\n  stackyard credentials validate openstack --from-env")]
    Openstack(Box<OpenstackInput>),
    /// Check input for a vCenter
    #[command(after_long_help = "Examples:\n  stackyard credentials validate vsphere --from-env")]
    Vsphere(Box<VsphereInput>),
}

pub async fn run(app: &App, base: &str, args: Validate) -> Outcome {
    let all = format!("{base}/cloud-credentials/");
    let call = match (args.input, args.credentials) {
        (Some(Input::Openstack(input)), _) => input.draft(true)?.0.call(Call::post(format!("{all}actions/validate/"))),
        (Some(Input::Vsphere(input)), _) => input.draft(true)?.call(Call::post(format!("{all}actions/validate/"))),
        (None, Some(given)) => {
            let id = object::id_of(app, &NOUN, &all, &given).await?;
            Call::post(format!("{all}{}/actions/validate/", encode(&id)))
        }
        (None, None) => {
            return Err(Failure::usage("say what to check: credentials, or openstack or vsphere with its fields"));
        }
    };
    let begun = app.client.data(&Call { respond_async: true, ..call }).await?;
    let validation = follow(app, base, begun).await?;
    report::print_report(app.form, &validation)?;
    certificate::untrusted(&validation);
    tell_changes(app, &validation);
    if validation.status == ValidationStatus::Failed { Err(Failure::Told) } else { Ok(()) }
}

/// What is not as it was the last time.
pub fn tell_changes(app: &App, validation: &Validation) {
    let changes = validation.changes.as_deref().unwrap_or_default();
    if app.form != Form::Table || changes.is_empty() {
        return;
    }
    note("not as in the run before:");
    for change in changes {
        let word = |it: Option<_>| serde_json::to_value(it).ok().and_then(|it| it.as_str().map(str::to_owned));
        let before = word(change.before).unwrap_or_else(|| "not there".to_owned());
        let after = word(change.after).unwrap_or_else(|| "not there".to_owned());
        note(&format!("  {} ({}): {before}, now {after}", change.id, change.target));
    }
}

/// Shows the checks of a run as they end, and returns its report.
pub async fn follow(app: &App, base: &str, begun: Value) -> Outcome<Validation> {
    let begun: Validation = read(begun)?;
    if begun.status != ValidationStatus::Running {
        return Ok(begun);
    }
    let mut progress = report::Progress::default();
    let mut last = None;
    loop {
        let opened = app.client.events(&validation_path(base, &begun.id, "stream/"), last.as_deref()).await;
        let interrupted = match opened {
            Ok(mut events) => loop {
                match events.next().await {
                    Ok(Some(event)) if event.name == "end" => return read(event.data),
                    Ok(Some(event)) => {
                        last = Some(event.id);
                        progress.show(&read::<Check>(event.data)?);
                    }
                    Ok(None) => break None,
                    Err(err) => break Some(err),
                }
            },
            Err(err) => return Err(err),
        };
        match interrupted {
            None | Some(Failure::Unreachable { .. }) => {}
            Some(err) => return Err(err),
        }
        // The run may have ended while nobody looked.
        let now: Validation = read(app.client.data(&Call::get(validation_path(base, &begun.id, ""))).await?)?;
        if now.status != ValidationStatus::Running {
            return Ok(now);
        }
        sleep(PAUSE).await;
    }
}

pub fn read<T: serde::de::DeserializeOwned>(data: Value) -> Outcome<T> {
    serde_json::from_value(data)
        .map_err(|err| Failure::Other(anyhow::Error::from(err).context("the server answers otherwise than expected")))
}
