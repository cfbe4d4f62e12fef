use clap::Subcommand;
use serde_json::{Value, json};

use super::ask::ask;
use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    farms::WaitArgs,
    object::ChangeArgs,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set shares, reservations and limits of CPU and memory of a server (vSphere)
    #[command(
        after_long_help = "What is not given stays as it is. A server that runs goes on; stackyard servers details shows \
                           what it has.

Examples:
  stackyard servers set-allocation 019a9f3e-7d2c-7000-8000-000000000001 --cpu-shares high --wait
  stackyard servers set-allocation 019a9f3e-7d2c-7000-8000-000000000001 --cpu-shares 6000 --cpu-limit 4000 --wait
  stackyard servers set-allocation 019a9f3e-7d2c-7000-8000-000000000001 --memory-reservation 2048 --memory-limit none"
    )]
    SetAllocation {
        server_id: String,
        /// low, normal, high, or a number of 1 to 1000000
        #[arg(long, value_name = "SHARES", value_parser = shares)]
        cpu_shares: Option<Value>,
        /// In MHz; 0 for none
        #[arg(long, value_name = "MHZ")]
        cpu_reservation: Option<u64>,
        /// In MHz, or none
        #[arg(long, value_name = "MHZ", value_parser = limit)]
        cpu_limit: Option<Value>,
        /// low, normal, high, or a number of 1 to 1000000
        #[arg(long, value_name = "SHARES", value_parser = shares)]
        memory_shares: Option<Value>,
        /// In MiB; 0 for none
        #[arg(long, value_name = "MIB")]
        memory_reservation: Option<u64>,
        /// In MiB, or none
        #[arg(long, value_name = "MIB", value_parser = limit)]
        memory_limit: Option<Value>,
        #[command(flatten)]
        wait: WaitArgs,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

pub async fn run(app: &App, servers: &str, command: Command) -> Outcome {
    let Command::SetAllocation {
        server_id,
        cpu_shares,
        cpu_reservation,
        cpu_limit,
        memory_shares,
        memory_reservation,
        memory_limit,
        wait,
        change,
    } = command;
    let server = format!("{servers}{}/", encode(&server_id));
    let cpu = json!({ "shares": cpu_shares, "reservationMhz": cpu_reservation, "limitMhz": cpu_limit });
    let memory = json!({ "shares": memory_shares, "reservationMib": memory_reservation, "limitMib": memory_limit });
    let call = Call::post(format!("{server}actions/set-allocation/"));
    ask(app, &server, &call.with([("cpu", Some(cpu)), ("memory", Some(memory))]), wait, change).await
}

fn shares(text: &str) -> Result<Value, String> {
    match text {
        "low" | "normal" | "high" => Ok(json!({ "level": text })),
        _ => match text.parse::<u32>() {
            Ok(shares) => Ok(json!({ "level": "custom", "shares": shares })),
            Err(_) => Err("give low, normal, high or a number".to_owned()),
        },
    }
}

fn limit(text: &str) -> Result<Value, String> {
    match text {
        "none" => Ok(json!(-1)),
        _ => text.parse::<u64>().map(Value::from).map_err(|_| "give a number or none".to_owned()),
    }
}
