use api_types::machines::AddressExplanation;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    app::App,
    client::Call,
    failure::{Failure, Outcome},
    inventory::AgeArgs,
    location::LocationArgs,
    object::{self, Ids, ListArgs, Noun},
    output::{Form, column::Column, note, print, print_data, table::Table},
};

const NOUN: Noun = Noun {
    what: "machine",
    id: "/id",
    name: "name",
    ids: Ids::Any,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("POWER", "/powerState"),
        Column::text("STATUS", "/status"),
        Column::text("VCPUS", "/vcpus"),
        Column::mib("MEMORY", "/memoryMib"),
        Column::text("ADDRESS", "/connectionAddress"),
        Column::text("RUNS ON", "/runsOn"),
    ],
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the machines of a location, managed or not
    #[command(after_long_help = "\
ADDRESS is the one the connection policy chooses; stackyard machines address tells why.

Examples:
  stackyard machines list --cloud vmware --filter powerState=on --sort name
  stackyard machines list --filter nameContains=web --all -o json")]
    List {
        #[command(flatten)]
        at: LocationArgs,
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        age: AgeArgs,
    },
    /// Show a machine
    #[command(after_long_help = "Examples:\n  stackyard machines show web-1 --cloud openstack -o yaml")]
    Show {
        /// By id or unique name
        machine: String,
        #[command(flatten)]
        at: LocationArgs,
    },
    /// Print the address the control plane connects to
    #[command(after_long_help = "\
Fails when the policy allows none of the machine's addresses, and says why. --probe makes a TCP connection from the
control plane, which is what it would do to manage the machine; nothing is sent over it.

Examples:
  stackyard machines address web-1
  stackyard machines address web-1 --explain
  stackyard machines address web-1 --probe --port 22")]
    Address {
        /// By id or unique name
        machine: String,
        #[command(flatten)]
        at: LocationArgs,
        /// Show every address, the policy and where it comes from
        #[arg(long)]
        explain: bool,
        /// Try to connect
        #[arg(long)]
        probe: bool,
        #[arg(long, value_name = "PORT", requires = "probe", default_value_t = 22, value_parser = clap::value_parser!(u16).range(1..))]
        port: u16,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::List { at, list, age } => {
            let path = format!("{}machines/", at.path(app).await?);
            object::list(app, &NOUN, age.with(Call::get(path)), &list).await
        }
        Command::Show { machine, at } => {
            object::show(app, &NOUN, &format!("{}machines/", at.path(app).await?), &machine).await
        }
        Command::Address { machine, at, explain, probe, port } => {
            let all = format!("{}machines/", at.path(app).await?);
            let path = object::path(app, &NOUN, &all, &machine).await?;
            let call = match probe {
                true => Call::post(format!("{path}actions/probe/")).with([("port", Some(json!(port)))]),
                false => Call::get(format!("{path}address/")),
            };
            tell(app.form, explain, app.client.data(&call).await?)
        }
    }
}

/// The id of a machine of a location that is given by id or unique name.
pub async fn id(app: &App, location: &str, given: &str) -> Outcome<String> {
    let machine = object::get(app, &NOUN, &format!("{location}machines/"), given).await?;
    Ok(machine.pointer(NOUN.id).map(crate::output::column::text).unwrap_or_default())
}

fn tell(form: Form, explain: bool, data: Value) -> Outcome {
    let explanation: AddressExplanation =
        serde_json::from_value(data.clone()).map_err(|err| Failure::Other(err.into()))?;
    match (form, &explanation.connection_address) {
        (Form::Json | Form::Yaml, _) => print_data(form, &data)?,
        (Form::Table, _) if explain => print(&text(&explanation))?,
        (_, Some(address)) => print(address)?,
        (_, None) => {}
    }
    if let Some(because) = &explanation.no_address_because {
        note(&format!("there is no address to connect to: {because}"));
    }
    if let Some(probe) = &explanation.probe {
        note(&format!("{}: {} ({} ms)", probe.outcome, probe.detail, probe.elapsed_ms));
        if let Some(remedy) = &probe.remedy {
            note(&format!("what to do: {remedy}"));
        }
    }
    let is_connected = explanation.probe.as_ref().is_none_or(|it| it.outcome == "connected");
    if explanation.connection_address.is_some() && is_connected { Ok(()) } else { Err(Failure::Told) }
}

fn text(explanation: &AddressExplanation) -> String {
    let AddressExplanation { policy, policy_source, addresses, connection_address, .. } = explanation;
    let chosen = connection_address.as_deref().unwrap_or("none");
    let mut head = Table::plain();
    head.row(["address".to_owned(), chosen.to_owned()]);
    head.row(["policy".to_owned(), format!("{policy} ({policy_source})")]);
    let mut table = Table::new(["", "ADDRESS", "SCOPE", "ORIGIN", "NETWORK"]);
    for it in addresses {
        let mark = if Some(&it.ip) == connection_address.as_ref() { "*" } else { "" };
        table.row([
            mark.to_owned(),
            it.ip.clone(),
            it.scope.clone(),
            it.origin.clone(),
            it.network.clone().unwrap_or_default(),
        ]);
    }
    format!("{head}\n{table}")
}
