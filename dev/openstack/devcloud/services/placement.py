"""Inventories and allocations, for Nova's scheduler."""

from devcloud import ini, software
from devcloud.services import Service, token_checks

GROUP = "placement"
IMPORTS = ["placement.wsgi"]


def configure(state):
    ini.write(state.etc / "placement/placement.conf", {
        "DEFAULT": {"use_stderr": True},
        "placement_database": {"connection": state.database("placement")},
        "api": {"auth_strategy": "keystone"},
        "keystone_authtoken": token_checks(state, "placement"),
    })


def services(state):
    return [Service(
        "placement", "placement.wsgi.api:application", "wsgi", after=[str(state.database_socket)],
        port=state.port("placement"),
    )]


def migrations(config):
    return [[software.program("placement-manage"), "--config-file", str(config / "placement/placement.conf"),
             "db", "sync"]]
