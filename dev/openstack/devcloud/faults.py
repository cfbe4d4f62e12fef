"""Breaking one thing on purpose."""

import json
import os
import signal

from devcloud import processes
from devcloud.progress import Failure

# Where rules work: before these APIs, and in the made-up compute hosts.
RULED = ("keystone", "placement", "glance", "neutron", "nova-api", "cinder-api", "swift-proxy", "compute")


def stop(state, name):
    if not processes.pid_of(state, name):
        raise Failure(f"{name} does not run")
    processes.stop(state, [name], grace_s=2)


def freeze(state, name):
    processes.signal_group(state, name, signal.SIGSTOP)


def thaw(state, name):
    processes.signal_group(state, name, signal.SIGCONT)


def rule(state, name, text):
    try:
        rules = json.loads(text)
    except ValueError as error:
        raise Failure(f"the rule is no JSON: {error}") from None
    _check(name)
    if isinstance(rules, dict) and name != "compute":
        rules = [rules]
    file = state.faults / f"{name}.json"
    part = file.with_suffix(".part")
    part.write_text(json.dumps(rules))
    os.replace(part, file)  # Services look at every request, and must not see half of it.


def clear(state, name=None):
    if name:
        _check(name)
    for one in [name] if name else RULED:
        (state.faults / f"{one}.json").unlink(missing_ok=True)


def _check(name):
    if name not in RULED:
        raise Failure(f"no rules work for {name}; they do for {', '.join(RULED)}")
