//! Machines found in the clouds of an environment, and the way to connect to them.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use api_types::machines::{Address, AddressExplanation, DuplicateMachine, Machine, Probe, ProbeRequest};
use axum::extract::State;
use cloud::{
    Platform,
    address::{self, ConnectionPolicy, Origin, Scope},
};
use store::{
    DbError, Tx,
    machines::{self, MachineRow},
};

use super::{
    body::Body,
    caller::Caller,
    error::{ApiError, ApiResult},
    inventory::{At, LocationPath, ThingPath, at, freshen},
    list::{Column, ListQuery},
    reply::Reply,
    route::{Access::Needs, Routes, get, post},
};
use crate::http::extract::Path;
use crate::{
    app::App,
    config::Config,
    dial::{Dialled, dial},
    permission::Permission as P,
    sync::Kind,
};

const COLUMNS: &[Column] = &[
    Column::text("id", "cloud_id"),
    Column::text("instanceUuid", "instance_uuid"),
    Column::text("name", "name"),
    Column::part("nameContains", "name"),
    Column::text("powerState", "power_state"),
    Column::text("status", "status"),
    Column::text("instanceType", "instance_type"),
    Column::text("runsOn", "runs_on"),
    Column::part("address", "address_text"),
    Column::number("vcpus", "vcpus"),
    Column::number("memoryMib", "memory_mib"),
];
const FILTERS: &[&str] = &[
    "id",
    "instanceUuid",
    "name",
    "nameContains",
    "powerState",
    "status",
    "instanceType",
    "runsOn",
    "address",
    "vcpus",
    "memoryMib",
];
const SORTS: &[&str] = &["id", "name", "powerState", "status", "instanceType", "runsOn", "vcpus", "memoryMib"];
/// As the original's `scalr.system.instances_connection_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

pub fn routes(routes: &mut Routes) {
    macro_rules! below {
        ($rest:literal) => {
            concat!("/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/machines/", $rest)
        };
    }
    let summary = "List all machines of a location, managed or not";
    routes
        .add(get(below!(""), Needs(P::InventoryRead), summary).lists::<Machine>(FILTERS).sorts(SORTS).takes_age(), list)
        .add(get(below!("{id}/"), Needs(P::InventoryRead), "Get a machine").gives::<Machine>(), show)
        .add(
            get(
                below!("{id}/address/"),
                Needs(P::InventoryRead),
                "Explain which address the control plane connects to",
            )
            .gives::<AddressExplanation>(),
            explain,
        )
        .add(
            post(
                below!("{id}/actions/probe/"),
                Needs(P::MachinesProbe),
                "Try a TCP connection by the connection policy",
            )
            .takes::<ProbeRequest>()
            .gives::<AddressExplanation>(),
            probe,
        );
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LocationPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<Machine>>> {
    let at = at(&app, &caller, &path).await?;
    let config = app.config();
    let freshness = freshen(&app, &caller, &at, Kind::Machines, query.max_age, config.sync_interval).await?;
    let mut tx = app.db.read().await?;
    let found = machines::list(&mut tx, of(&at), query.select(COLUMNS)?).await?;
    let mut duplicates = duplicates(&mut tx, &at, &found.rows).await?;
    drop(tx);
    let warning = warning(&found.rows, &duplicates);
    let policy = policy(&config, &path)?;
    let found = found.map(|row| {
        let duplicates = duplicates.remove(&row.cloud_id).unwrap_or_default();
        Machine { duplicates, ..view(row, policy, &config) }
    });
    let reply = Reply::list(found, &query).freshness(freshness);
    Ok(warning.into_iter().fold(reply, |reply, it| reply.warn("DuplicateInstanceUuid", it)))
}

async fn show(State(app): State<App>, caller: Caller, Path(path): Path<ThingPath>) -> ApiResult<Reply<Machine>> {
    let (at, machine) = machine(&app, &caller, &path).await?;
    let rows = std::slice::from_ref(&machine);
    let mut found = duplicates(&mut app.db.read().await?, &at, rows).await?;
    let warning = warning(rows, &found);
    let config = app.config();
    let duplicates = found.remove(&machine.cloud_id).unwrap_or_default();
    let reply = Reply::ok(Machine { duplicates, ..view(machine, policy(&config, &path.at)?, &config) });
    Ok(warning.into_iter().fold(reply, |reply, it| reply.warn("DuplicateInstanceUuid", it)))
}

async fn explain(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<ThingPath>,
) -> ApiResult<Reply<AddressExplanation>> {
    Ok(Reply::ok(explanation(&app, &caller, &path).await?.0))
}

async fn probe(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<ThingPath>,
    body: Body,
) -> ApiResult<Reply<AddressExplanation>> {
    let ProbeRequest { port } = body.read()?;
    let port = port.unwrap_or(22);
    if port == 0 {
        return Err(ApiError::value("port is 1 to 65535"));
    }
    let (explanation, address) = explanation(&app, &caller, &path).await?;
    let Some(ip) = address else {
        let because = explanation.no_address_because.unwrap_or_default();
        return Err(ApiError::conflict("UnacceptableState", format!("there is no address to connect to: {because}")));
    };
    let policy = policy(&app.config(), &path.at)?;
    let begun = Instant::now();
    let dialled = dial(&app.exit, SocketAddr::new(ip, port), CONNECT_TIMEOUT).await;
    let dialled = dialled.map_err(|refusal| ApiError::value(format!("{ip} is refused: {refusal}")))?;
    let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let probe = told(SocketAddr::new(ip, port), &dialled, policy, elapsed_ms);
    Ok(Reply::ok(AddressExplanation { probe: Some(probe), ..explanation }))
}

async fn explanation(app: &App, caller: &Caller, path: &ThingPath) -> ApiResult<(AddressExplanation, Option<IpAddr>)> {
    let (_, row) = machine(app, caller, path).await?;
    let loaded = app.loaded();
    let config = &loaded.config;
    let policy = policy(config, &path.at)?;
    let platform: Platform = path.at.cloud_platform.parse().map_err(|err| ApiError::value(format!("{err}")))?;
    let section = match platform {
        Platform::Vmware => "vmware",
        _ => "openstack",
    };
    let own = loaded.values.get(&format!("{section}.instances_connection_policy"));
    let general = loaded.values.get("instances_connection_policy");
    let source = own.filter(|it| !it.text.is_empty()).or(general);
    let address = address::connection_address(policy, &row.addresses.0, &config.private_networks);
    let view = view(row, policy, config);
    let explanation = AddressExplanation {
        policy: policy.to_string(),
        policy_source: source.map_or_else(|| "default".to_owned(), |it| it.source.to_string()),
        addresses: view.addresses,
        connection_address: view.connection_address,
        no_address_because: view.no_address_because,
        probe: None,
    };
    Ok((explanation, address))
}

fn told(address: SocketAddr, dialled: &Dialled, policy: ConnectionPolicy, elapsed_ms: u64) -> Probe {
    let missing_route = match policy {
        ConnectionPolicy::Local => {
            "the policy is local: routing, peering or a VPN between the control plane and this network is missing, or a \
             security group or firewall drops the traffic"
        }
        _ => "check security groups and firewalls between the control plane and the machine",
    };
    let (outcome, detail, remedy) = match dialled {
        Dialled::Connected => ("connected", format!("{address} accepts connections"), None),
        Dialled::Refused => (
            "refused",
            format!("{address} refuses the connection: the machine is reached, nothing listens there"),
            Some("start the service on the machine, or probe another port".to_owned()),
        ),
        Dialled::Unreachable(err) => {
            ("no-route", format!("{address} cannot be reached: {err}"), Some(missing_route.to_owned()))
        }
        Dialled::Silent => (
            "timeout",
            format!("{address} did not answer within {} s", CONNECT_TIMEOUT.as_secs()),
            Some(missing_route.to_owned()),
        ),
    };
    Probe { port: address.port(), outcome: outcome.to_owned(), detail, remedy, elapsed_ms }
}

async fn machine(app: &App, caller: &Caller, path: &ThingPath) -> ApiResult<(At, MachineRow)> {
    let at = at(app, caller, &path.at).await?;
    let mut tx = app.db.read().await?;
    match machines::get(&mut tx, of(&at), &path.id).await {
        Ok(found) => Ok((at, found)),
        Err(DbError::NotFound { .. }) => Err(ApiError::not_found(format!("machine {}", path.id))),
        Err(err) => Err(err.into()),
    }
}

/// Of each of these machines that has some, by its id. A cloud that gives out the identities itself has none twice.
async fn duplicates(
    tx: &mut Tx,
    at: &At,
    rows: &[MachineRow],
) -> Result<HashMap<String, Vec<DuplicateMachine>>, DbError> {
    let Some(vcenter) = vcenter(&at.location.0) else { return Ok(HashMap::new()) };
    let found = machines::with_uuids(tx, &at.credential.id, rows).await?;
    let mut duplicates: HashMap<String, Vec<DuplicateMachine>> = HashMap::new();
    for row in rows {
        let is_same = |it: &&machines::Duplicate| Some(&it.instance_uuid) == row.instance_uuid.as_ref();
        // In another datacenter of the same vCenter it is the machine itself, which has moved.
        let is_other =
            |it: &&machines::Duplicate| it.cloud_id != row.cloud_id || self::vcenter(&it.location_id) != Some(vcenter);
        for it in found.iter().filter(is_same).filter(is_other) {
            duplicates.entry(row.cloud_id.clone()).or_default().push(DuplicateMachine {
                cloud_location: it.location_id.clone(),
                id: it.cloud_id.clone(),
                name: it.name.clone(),
                observed_at: it.observed_at.0,
            });
        }
    }
    Ok(duplicates)
}

/// The identity of its vCenter, with which a location of vSphere ends.
fn vcenter(location_id: &str) -> Option<&str> {
    location_id.rsplit_once('@').map(|(_, vcenter)| vcenter)
}

fn warning(rows: &[MachineRow], duplicates: &HashMap<String, Vec<DuplicateMachine>>) -> Option<String> {
    let named = rows.iter().filter_map(|row| {
        let others = duplicates.get(&row.cloud_id)?;
        let others: Vec<_> = others.iter().map(|it| format!("{} ({})", it.name, it.id)).collect();
        Some(format!("{} ({}) has the instance UUID of {}", row.name, row.cloud_id, others.join(", ")))
    });
    let named: Vec<_> = named.collect();
    let next = "give one of them another in its vCenter, so that each can be followed when it moves";
    (!named.is_empty()).then(|| format!("{}; {next}", named.join("; ")))
}

fn of(at: &At) -> machines::Of<'_> {
    machines::Of { credential_id: &at.credential.id, location_id: &at.location.0 }
}

fn policy(config: &Config, path: &LocationPath) -> ApiResult<ConnectionPolicy> {
    let platform: Platform = path.cloud_platform.parse().map_err(|err| ApiError::value(format!("{err}")))?;
    Ok(config.policy(platform.driver()))
}

fn view(row: MachineRow, policy: ConnectionPolicy, config: &Config) -> Machine {
    let private = &config.private_networks;
    let chosen = address::connection_address(policy, &row.addresses.0, private);
    let because = chosen.is_none().then(|| address::why_none(policy, &row.addresses.0, private));
    let addresses = row.addresses.0.into_iter().map(|it| Address {
        scope: match address::scope(&it, private) {
            Scope::Public => "public",
            Scope::Local => "local",
            Scope::Unusable => "unusable",
        }
        .to_owned(),
        ip: it.ip.to_string(),
        origin: match it.origin {
            Origin::Floating => "floating",
            Origin::Fixed => "fixed",
            Origin::Guest => "guest",
        }
        .to_owned(),
        network: it.network,
    });
    Machine {
        addresses: addresses.collect(),
        connection_address: chosen.map(|it| it.to_string()),
        no_address_because: because,
        id: row.cloud_id,
        instance_uuid: row.instance_uuid,
        duplicates: Vec::new(),
        name: row.name,
        power_state: row.power_state,
        status: row.status,
        vcpus: row.vcpus,
        memory_mib: row.memory_mib,
        instance_type: row.instance_type,
        runs_on: row.runs_on,
        attributes: row.attributes.0,
        created_at: row.created_at.map(|it| it.0),
        observed_at: row.observed_at.0,
        first_seen_at: row.first_seen_at.0,
        changed_at: row.changed_at.0,
    }
}
