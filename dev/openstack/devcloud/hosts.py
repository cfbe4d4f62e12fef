"""The compute hosts: until they work, and which availability zone each is in."""

import time
from datetime import datetime, timezone

from devcloud import database, processes
from devcloud.progress import Failure, say
from devcloud.rest import Api
from devcloud.services import nova

PATIENCE_S = 120
REPORTING = ("nova-conductor", "nova-scheduler", "cinder-scheduler", "cinder-volume")
# Cinder's first one only tells that they begin to start.
N_REPORTS = {"cinder-scheduler": 2, "cinder-volume": 2}


def wait(state, started, since):
    """Until each of these processes has reported that it works, and every host is known to Placement.

    A service that was down for less than half a minute still counts as up, but what is asked of it before it listens
    again is lost. So those that were started since a time must have reported later than that.
    """
    api = Api(state)
    hosts = set(nova.compute_names(state))
    waiting = {name: N_REPORTS.get(name, 1) for name in started if name in REPORTING or name[5:] in hosts}
    reports = {name: set() for name in waiting}
    said, end = time.monotonic(), time.monotonic() + PATIENCE_S
    while True:
        for name, updated in _reports(api):
            if name in reports and updated >= since:
                reports[name].add(updated)
        missing = {name for name, number in waiting.items() if len(reports[name]) < number}
        providers = api.get("placement", "/resource_providers")["resource_providers"]
        missing |= hosts - {it["name"] for it in providers}
        if not missing:
            return
        if time.monotonic() > said + 10:
            said = time.monotonic()
            say(f"waiting for {', '.join(sorted(missing))}")
        if time.monotonic() > end:
            raise Failure(f"still missing after {PATIENCE_S} s: {', '.join(sorted(missing))}; see {state.log}")
        for name in missing & waiting.keys():
            if not processes.pid_of(state, name):
                raise Failure(f"{name} died; see {state.log / name}.log")
        time.sleep(0.2)


def _reports(api):
    """What our processes are called, and when each reported last."""
    rows = api.get("compute", "/os-services")["services"] + api.get("volume", "/os-services")["services"]
    for row in rows:
        if row["state"] == "up" and row["updated_at"]:
            name = f"nova-{row['host']}" if row["binary"] == "nova-compute" else row["binary"]
            yield name, datetime.fromisoformat(row["updated_at"]).replace(tzinfo=timezone.utc)


def make_zones(state):
    """A zone for each host, so that there is something to choose."""
    names = nova.compute_names(state)
    if len(names) < 2:
        return
    api = Api(state)
    aggregates = {it["name"]: it for it in api.get("compute", "/os-aggregates")["aggregates"]}
    for number, host in enumerate(names, 1):
        zone = f"az{number}"
        if zone not in aggregates:
            body = {"aggregate": {"name": zone, "availability_zone": zone}}
            aggregates[zone] = api.post("compute", "/os-aggregates", body)["aggregate"]
        if host not in aggregates[zone].get("hosts", []):
            path = f"/os-aggregates/{aggregates[zone]['id']}/action"
            api.post("compute", path, {"add_host": {"host": host}})


def map_to_cell(state):
    database.execute(state, nova.host_mappings(state))
