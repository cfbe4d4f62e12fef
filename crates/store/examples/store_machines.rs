//! Stores machines that look like those of a vCenter, as a synchronisation does, and measures that.
//!
//! `store_machines --database-url URL --credential ID --location ID --machines N` prints one line of JSON. The
//! credential must be there. The machines stay until the next synchronisation of that location; run again, it measures
//! what it takes to find that nothing has changed.
#![allow(clippy::print_stdout)]

use std::{error::Error, fs, net::Ipv4Addr, time::Instant};

use clap::Parser;
use cloud::{
    address::{Address, Origin},
    inventory::{Machine, PowerState},
};
use serde_json::{Map, Value, json};
use store::{Db, Time, counters, machines};

/// As many as the vSphere driver gives at once.
const PAGE: usize = 500;

#[derive(Parser)]
struct Flags {
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    credential: String,
    #[arg(long)]
    location: String,
    #[arg(long)]
    machines: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let flags = Flags::parse();
    let db = Db::open(&flags.database_url).await?;
    let of = machines::Of { credential_id: &flags.credential, location_id: &flags.location };
    let mut tx = db.write().await?;
    let sync_seq = counters::next(&mut tx, "reads").await?;
    tx.commit().await?;
    let found: Vec<Machine> = (0..flags.machines).map(machine).collect();
    let (cpu, begun, mut n_changes) = (cpu_seconds()?, Instant::now(), 0);
    for page in found.chunks(PAGE) {
        let mut tx = db.write().await?;
        n_changes += machines::apply_page(&mut tx, of, sync_seq, Time::now(), page).await?.n_changes();
        tx.commit().await?;
    }
    let mut tx = db.write().await?;
    n_changes += machines::finish(&mut tx, of, sync_seq).await?.len();
    tx.commit().await?;
    let line = json!({
        "what": format!("{} machines, {n_changes} changes", flags.machines),
        "wallSeconds": begun.elapsed().as_secs_f64(),
        "cpuSeconds": cpu_seconds()? - cpu,
    });
    println!("{line}");
    db.close().await;
    Ok(())
}

fn machine(n: usize) -> Machine {
    let number = u32::try_from(n).unwrap_or(u32::MAX);
    let is_on = !n.is_multiple_of(4);
    Machine {
        cloud_id: format!("vm-{n}"),
        instance_uuid: Some(format!("5003{n:04x}-0000-4000-8000-{n:012x}")),
        // Neighbours by id are no neighbours by name.
        name: format!("{:03}-app-{n}", (n * 7919) % 1000),
        power_state: if is_on { PowerState::On } else { PowerState::Off },
        status: if is_on { "poweredOn" } else { "poweredOff" }.to_owned(),
        vcpus: Some(1 + number % 8),
        memory_mib: Some(1024 * u64::from(1 + number % 16)),
        instance_type: None,
        addresses: vec![Address {
            ip: Ipv4Addr::from(0x0a00_0000 | number).into(),
            origin: Origin::Guest,
            network: Some("VM Network".to_owned()),
            own_card: true,
        }],
        runs_on: Some(format!("host-{}", n % 320)),
        attributes: attributes(n),
        created_at: None,
    }
}

fn attributes(n: usize) -> Map<String, Value> {
    let value = json!({
        "biosUuid": format!("4203{n:04x}-0000-4000-8000-{n:012x}"),
        "folder": "group-v3",
        "guestId": "otherGuest64",
        "guestHostName": format!("app-{n}.example"),
        "toolsStatus": "toolsOk",
        "resourcePool": "resgroup-27",
        "datastores": ["datastore-62"],
        "isTemplate": false,
    });
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// User and system time of this process: fields 14 and 15 of proc_pid_stat(5), in ticks of 1/100 s.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field is the name, in brackets, and may hold spaces.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index - 3).and_then(|it| it.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(14) + ticks(15)) / 100.0)
}
