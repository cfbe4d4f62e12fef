//! From the start of the process until it is ready, on an empty data directory and again on a filled one.

use std::{thread::sleep, time::Duration};

use anyhow::Result;

use super::{RUNS, process, server::Server};

pub fn run() -> Result<()> {
    let server = Server::start_new()?;
    let first = server.ready_in;
    drop(server);
    let mut again = Duration::MAX;
    let mut idle_mib = 0;
    for _ in 0..RUNS {
        let server = Server::start()?;
        again = again.min(server.ready_in);
        sleep(Duration::from_secs(2));
        idle_mib = process::resident_mib(server.id())?;
    }
    println!("| start to ready, first / again | {} ms / {} ms | 500 ms |", first.as_millis(), again.as_millis());
    println!("| idle memory, SQLite, no clouds | {idle_mib} MiB | 64 MiB |");
    Ok(())
}
