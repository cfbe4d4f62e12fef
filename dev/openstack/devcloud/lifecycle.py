"""Bringing a whole cloud up, and down."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone

from devcloud import access, bus, contents, database, hosts, identity, processes, rest, services, software
from devcloud.progress import Failure, say
from devcloud.state import PORTS, is_free

GRACE_S = 4  # What they have begun, they finish in this time or not at all.
BASE = ("rabbitmq", "epmd", "mariadb")
PATIENCE_S = 240


def choose(state, port_shift, computes, second_region, token_lifetime):
    """Takes over what `up` was asked for. What it was not asked for stays as it is."""
    settings = state.settings
    if port_shift is not None and port_shift != settings.port_shift:
        if not state.is_new:
            raise Failure(f"this cloud was made with port shift {settings.port_shift}, which its catalog holds")
        settings.port_shift = port_shift
    if computes:
        settings.computes = computes
    settings.second_region = settings.second_region or second_region
    if token_lifetime and token_lifetime != settings.token_lifetime:
        settings.token_lifetime = token_lifetime
        processes.stop(state, ["keystone"], GRACE_S)  # Which reads it when it starts.
    # The sockets of a process that was just ended may outlive it for a moment.
    end = time.monotonic() + 3
    while taken := _taken_ports(state):
        if time.monotonic() > end:
            raise Failure(f"these ports are taken: {', '.join(taken)}; see --port-shift and --free-ports")
        time.sleep(0.1)


def _taken_ports(state):
    """Ports that something else has."""
    owners = {name: name for name in PORTS} | {"rabbitmq-distribution": "rabbitmq"}
    return [f"{state.port(name)} ({name})" for name, owner in owners.items()
            if not processes.pid_of(state, owner) and not is_free(state.port(name))]


def up(state):
    """Starts what does not run, and makes what is missing. Returns what cloud.json holds."""
    state.save()
    for project in database.PROJECTS:
        project.configure(state)
    # Their imports need neither the database nor the bus, so all begin at once.
    since = datetime.now(timezone.utc).replace(microsecond=0)  # As services tell the time.
    launcher, started = _launch(state)
    try:
        database.start(state)
        bus.start(state)
        database.wait(state)
        hosts.map_to_cell(state)
        _wait_for_apis(state, launcher, ["keystone"])
        say("Keystone answers")
        if not state.done("identity"):
            state.mark_done("keystone")
            identity.make(state)
            state.mark_done("identity")
            say("projects, users and catalog are made")
        _wait_for_apis(state, launcher, [it.name for it in _all_services(state) if it.port])
        say("every API answers")
        if not state.done("contents"):
            contents.make(state)
            say("flavors, image, networks and quotas are made")
        if launcher and launcher.wait() != 0:
            raise Failure(f"the services could not be launched; see {state.log / 'launch.log'}")
        hosts.wait(state, started, since)
        hosts.make_zones(state)
        state.mark_done("contents")
        if state.settings.second_region and not state.done("second-region"):
            identity.make_endpoints(state, rest.Api(state), "RegionTwo")
            state.mark_done("second-region")
    except BaseException as problem:
        if launcher:
            # What it forked and has not made a service yet is still in its process group.
            _kill_group(launcher)
        if isinstance(problem, Failure):
            _explain(state, launcher)
        raise
    return access.write(state)


def _all_services(state):
    return [service for project in database.PROJECTS for service in project.services(state)]


def _launch(state):
    """Starts inside/launch.py with all services that do not run. Returns its process, or None, and their names."""
    groups, started = [], []
    for project in database.PROJECTS:
        missing = [it for it in project.services(state) if not processes.pid_of(state, it.name)]
        if missing:
            for service in missing:
                started.append(service.name)
                (state.run / f"{service.name}.pid").unlink(missing_ok=True)
            before = project.before(state) if hasattr(project, "before") else []
            groups.append({
                "name": project.GROUP, "imports": project.IMPORTS,
                "config": str(state.etc / project.CONFIG) if hasattr(project, "CONFIG") else None,
                "configured_imports": getattr(project, "CONFIGURED_IMPORTS", []),
                "before": [vars(it) for it in before], "services": [vars(it) for it in missing],
            })
    if not groups:
        return None, []
    plan = {"run": str(state.run), "log": str(state.log), "faults": str(state.faults), "groups": groups}
    with open(state.log / "launch.log", "wb") as log:
        launcher = subprocess.Popen(
            [software.program("python"), str(software.INSIDE / "launch.py")],
            stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
            env=dict(os.environ, **services.environment(state)),
        )
    launcher.stdin.write(json.dumps(plan).encode())
    launcher.stdin.close()
    return launcher, started


def _wait_for_apis(state, launcher, names):
    end = time.monotonic() + PATIENCE_S
    for service in _all_services(state):
        if service.name not in names:
            continue
        while not rest.is_well(state, service.name, service.health):
            launching = launcher and launcher.poll() is None
            if launcher and launcher.poll():
                raise Failure(f"the services could not be launched; see {state.log / 'launch.log'}")
            if not launching and not processes.pid_of(state, service.name):
                raise Failure(f"{service.name} died; see {state.log / service.name}.log")
            if time.monotonic() > end:
                raise Failure(f"{service.name} does not answer after {PATIENCE_S} s; see {state.log / service.name}.log")
            time.sleep(0.05)


def _kill_group(launcher):
    try:
        os.killpg(launcher.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    launcher.wait()


def _explain(state, launcher):
    text = (state.log / "launch.log").read_text(errors="replace").strip() if launcher else ""
    if text:
        print(text[-3000:], file=sys.stderr)


def down(state, wipe=False):
    names = processes.names(state)
    if wipe:
        # Nothing is worth finishing in a cloud that is thrown away.
        processes.stop(state, names, grace_s=0)
        shutil.rmtree(state.folder)
        return
    processes.stop(state, [name for name in names if name not in BASE], GRACE_S)
    processes.stop(state, [name for name in names if name in BASE], grace_s=30)


def status(state):
    """One row for each process: name, pid, port, bytes of memory, health."""
    known = {service.name: service for service in _all_services(state)}
    rows = []
    for name in dict.fromkeys([*reversed(BASE), *known, *processes.names(state)]):
        pid = processes.pid_of(state, name)
        service = known.get(name)
        health = "stopped"
        if pid:
            well = True
            if service and service.port:
                well = rest.is_well(state, name, service.health)
            elif name == "mariadb":
                well = database.answers(state)
            health = "ok" if well else "sick"
        port = service.port if service else state.ports().get(name)
        rows.append((name, pid, port, processes.memory(state, name), health))
    return rows
