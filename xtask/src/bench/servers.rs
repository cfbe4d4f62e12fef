//! Pages of a long list of managed servers.

use std::process::Command;

use anyhow::{Context, Result};

use super::{
    launch::vsphere::{FLAGS, declare},
    lists::rate,
    server::Server,
    tap::Tap,
};
use crate::{
    clouds::Vcenter,
    run::{self, say},
};

const SERVERS: usize = 100_000;
/// All of the same size.
const FARMS: usize = 100;
/// Copies one server that was really launched, so that its columns are as full as they are in truth: 70 % running, 25 %
/// suspended, 5 % terminated. Their next look is in a year, lest the server looks for them.
const COPY: &str = r#"
import sqlite3, sys
path, n_servers, n_farms = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
db = sqlite3.connect(path, timeout=60)
def copy(table, n, changed):
    columns = [it[1] for it in db.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(it, it) for it in columns)
    db.execute(f"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {n - 1}) "
               f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM n, (SELECT * FROM {table} LIMIT 1)")
copy("farms", n_farms, {"id": "1000000 + i", "name": "name || i"})
copy("farm_roles", n_farms, {"id": "1000000 + i", "farm_id": "1000000 + i"})
copy("servers", n_servers, {
    # Neighbours by id are not of one farm.
    "id": "printf('%08x-0000-4000-8000-%012x', (i * 2654435761) % 4294967296, i)",
    "farm_id": f"1000000 + i % {n_farms}", "farm_role_id": f"1000000 + i % {n_farms}",
    "position": f"1 + i / {n_farms}", "look_at": "look_at + 31536000000000",
    "status": f"CASE WHEN (i / {n_farms}) % 20 < 14 THEN 'running' "
              f"WHEN (i / {n_farms}) % 20 < 19 THEN 'suspended' ELSE 'terminated' END",
    "terminated_at": f"CASE WHEN (i / {n_farms}) % 20 = 19 THEN created_at END",
})
db.execute("UPDATE environments SET n_servers = (SELECT count(*) FROM servers WHERE environment_id = environments.id)")
db.commit()
"#;

/// Pages of 100 from everywhere: by id, filtered, sorted.
pub fn run() -> Result<()> {
    let vcenter = Vcenter::start(8, FLAGS)?;
    let server = Server::start_new()?;
    server.link(&vcenter)?;
    let mut farm = declare(&server, 2)?;
    farm.bring("launch", "running", &Tap::start(&[])?)?;
    say("storing 100,000 servers");
    let mut copy = Command::new("python3");
    copy.args(["-c", COPY]).arg(server.database()).args([SERVERS.to_string(), FARMS.to_string()]);
    run::run(&mut copy)?;
    let of_farm = |n: usize| format!("&farm={}&status=running", 1_000_000 + n % FARMS);
    // By how many pages there are of each; of a farm, that many are running.
    type Query<'a> = &'a (dyn Fn(usize) -> String + Sync);
    let kinds: [(&str, Query, usize); 6] = [
        ("any page by id", &|_| String::new(), SERVERS / 100),
        ("any page of a farm's running", &of_farm, SERVERS / FARMS * 14 / 20 / 100),
        ("any page of a farm's running, sorted by index", &|n| of_farm(n) + "&sort=index", 7),
        ("any page of all suspended", &|_| "&status=suspended".to_owned(), SERVERS / 4 / 100),
        ("any page sorted by status", &|_| "&sort=status".to_owned(), SERVERS / 100),
        ("the first page sorted by farm", &|_| "&sort=farm".to_owned(), 1),
    ];
    for (what, query, n_pages) in kinds {
        let path = |n: usize| format!("servers/?maxResults=100{}&pageNum={}", query(n), 1 + (n * 7919) % n_pages);
        let found = farm.total(&path(0)).with_context(|| path(0))?;
        rate(&server, &farm.caller, &format!("{what}, 100,000 servers stored ({found} in the list)"), &path)?;
    }
    Ok(())
}
