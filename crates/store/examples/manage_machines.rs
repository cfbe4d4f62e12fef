//! Makes the machines of a location servers that run and are as wanted, as if each had been launched: for measuring.
//!
//! `manage_machines --database-url URL --credential ID --location ID --environment ID` prints one line of JSON. The
//! machines were read by a synchronisation.
#![allow(clippy::print_stdout)]

use std::{error::Error, time::Duration};

use clap::Parser;
use serde_json::json;
use store::{
    Db, Json, Select, Time, Tx,
    farms::{self, Farm, FarmStatus, LaunchOrder},
    machines::{self, MachineRow},
    servers::{self, NewServer, Seen, ServerStatus},
};

const HOLDER: &str = "manage_machines";
const LEASE: Duration = Duration::from_secs(60);
const MAKING: Duration = Duration::from_secs(60);
/// As the reconciler leaves a server that is as wanted.
const STEADY: Duration = Duration::from_secs(300);

#[derive(Parser)]
struct Flags {
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    credential: String,
    #[arg(long)]
    location: String,
    #[arg(long)]
    environment: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let flags = Flags::parse();
    let db = Db::open(&flags.database_url).await?;
    let of = machines::Of { credential_id: &flags.credential, location_id: &flags.location };
    let mut tx = db.write().await?;
    let found = machines::list(&mut tx, of, Select::new()).await?.rows;
    let now = Time::now();
    let farm = Farm {
        id: 0,
        environment_id: flags.environment,
        name: "managed".to_owned(),
        description: String::new(),
        status: FarmStatus::Running,
        launch_order: LaunchOrder::Simultaneous,
        owner_id: 1,
        owner_email: "bench@example.org".to_owned(),
        created_at: now,
        updated_at: now,
        locked: None,
        project_id: None,
    };
    let farm = farms::insert(&mut tx, &farm).await?;
    let n_servers = found.len();
    for (n, machine) in found.into_iter().enumerate() {
        manage(&mut tx, &farm, i64::try_from(n)? + 1, machine).await?;
    }
    tx.commit().await?;
    println!("{}", json!({ "what": format!("{n_servers} servers"), "cpuSeconds": 0.0 }));
    db.close().await;
    Ok(())
}

/// In one transaction, so that nobody looks at it in between.
async fn manage(tx: &mut Tx, farm: &Farm, position: i64, machine: MachineRow) -> Result<(), Box<dyn Error>> {
    let id = machine.instance_uuid.ok_or("a machine without instanceUuid")?;
    let new = NewServer {
        id: id.clone(),
        environment_id: farm.environment_id,
        farm_id: farm.id,
        farm_role_id: 1,
        position,
        platform: "vmware".to_owned(),
        location_id: machine.location_id,
        credential_id: machine.credential_id,
        instance_type_id: "small".to_owned(),
        launch_reason: "bench".to_owned(),
        launched_by_id: 1,
        launched_by_email: farm.owner_email.clone(),
    };
    let now = Time::now();
    servers::insert(tx, &new, now).await?;
    let taken = servers::take_due(tx, HOLDER, now, LEASE, 1, None).await?;
    let taken = taken.into_iter().find(|it| it.id == id).ok_or("another server is due")?;
    let seen = Seen {
        status: ServerStatus::Running,
        cloud_id: Some(machine.cloud_id),
        cloud_status: Some(machine.status),
        addresses: Json(machine.addresses.0),
        observed_at: Some(now),
        launched_at: Some(now.before(STEADY)),
        ..taken.seen
    };
    servers::record(tx, &id, HOLDER, &seen).await?;
    // Spread, as looks are that came to pass one after the other; and not before all are made.
    let next = now + MAKING + STEADY * u32::try_from(position % 300)? / 300;
    servers::release(tx, &id, HOLDER, taken.generation, taken.look_at, next).await?;
    Ok(())
}
