"""Servers. Their hosts are made up: inside/nova_driver.py."""

import shutil
import uuid

from devcloud import ini, software
from devcloud.services import Service, authentication, in_region, messaging, token_checks

GROUP = "nova"
IMPORTS = ["nova.cmd.conductor", "nova.cmd.scheduler", "nova.cmd.compute", "nova.api.openstack.wsgi_app"]
CONFIG = "nova/nova.conf"
CONFIGURED_IMPORTS = [
    "nova.conductor.manager", "nova.scheduler.manager", "nova.compute.manager", "nova.api.openstack.compute.routes",
    "nova_adjustments", "nova_driver",
]

# Cells name their database and message bus by templates, filled from nova.conf. So they can be made once, before
# anybody knows where a cloud will lie and which ports it will have.
CELL_DATABASE = "{scheme}://{username}@{hostname}/%s?{query}"
CELL_BUS = "{scheme}://{username}:{password}@{hostname}:{port}/{path}"


def compute_names(state):
    return [f"compute{number + 1}" for number in range(state.settings.computes)]


def configure(state):
    etc = state.etc / "nova"
    ini.write(etc / "nova.conf", {
        "DEFAULT": {
            "transport_url": state.message_bus,
            "my_ip": "127.0.0.1",
            "host": "controller",
            "state_path": state.data / "nova",
            "use_stderr": True,
            "concurrency_backend": "threading",
            "compute_driver": "devcloud.Driver",
            "osapi_compute_listen": "127.0.0.1",
            "report_interval": 10,
            "service_down_time": 30,
            # A server whose power changed behind Nova's back is noticed after a minute.
            "sync_power_state_interval": 60,
            # The first run of each periodic task is delayed by up to this.
            "periodic_fuzzy_delay": 5,
            "max_concurrent_builds": 10,
        },
        "api_database": {"connection": state.database("nova_api")},
        "database": {"connection": state.database("nova")},
        "scheduler": {"workers": 1},
        "conductor": {"workers": 1},
        # The default list is longer by filters that only matter to hosts with NUMA, PCI and isolated aggregates.
        "filter_scheduler": {"enabled_filters": [
            "ComputeFilter", "ComputeCapabilitiesFilter", "ImagePropertiesFilter", "ServerGroupAntiAffinityFilter",
            "ServerGroupAffinityFilter", "SameHostFilter", "DifferentHostFilter",
        ]},
        # Consoles are handed out, but nothing serves them.
        "vnc": {"enabled": True, "server_listen": "127.0.0.1", "server_proxyclient_address": "127.0.0.1",
                "novncproxy_base_url": "http://127.0.0.1:6080/vnc_lite.html"},
        "keystone_authtoken": token_checks(state, "nova"),
        "service_user": {**in_region(state, "nova"), "send_service_user_token": True},
        "placement": in_region(state, "placement"),
        "neutron": {**in_region(state, "neutron"), "service_metadata_proxy": True,
                    "metadata_proxy_shared_secret": state.settings.password},
        "glance": {"region_name": "RegionOne"},
        # This section has no region_name.
        "cinder": {**authentication(state, "cinder"), "os_region_name": "RegionOne",
                   "catalog_info": "block-storage::internalURL"},
        **messaging(state),
    })
    shutil.copy(software.venv() / "etc/nova/api-paste.ini", etc)
    for name in compute_names(state):
        data = state.data / "nova" / name
        data.mkdir(parents=True, exist_ok=True)
        ini.write(etc / name / "compute.conf", {"DEFAULT": {"host": name, "state_path": data}})
        identity = data / "compute_id"
        if not identity.exists():
            # Nova keeps a host's identity here, and does not start when it is gone.
            identity.write_text(str(uuid.uuid4()))


def services(state):
    config = ["--config-file", str(state.etc / "nova/nova.conf")]
    database, bus = str(state.database_socket), state.port("rabbitmq")
    # Who looks for Placement before the catalog lists it takes it for disabled, for good. And a host that cannot
    # report itself at once tries again a minute later.
    catalog = [str(state.folder / "done-identity"), state.port("keystone"), state.port("placement")]
    found = [
        Service("nova-conductor", "nova.cmd.conductor:main", arguments=config, after=[database, bus, *catalog]),
        Service("nova-scheduler", "nova.cmd.scheduler:main", arguments=config, after=[database, bus, *catalog]),
        Service("nova-api", "nova.wsgi.osapi_compute:application", "wsgi", config, after=[database],
                port=state.port("nova-api")),
    ]
    for name in compute_names(state):
        own = ["--config-file", str(state.etc / "nova" / name / "compute.conf")]
        found.append(Service(f"nova-{name}", "nova.cmd.compute:main", arguments=config + own, after=[bus, *catalog]))
    return found


def migrations(config):
    nova = [software.program("nova-manage"), "--config-file", str(config / "nova/nova.conf")]
    return [
        [*nova, "api_db", "sync"],
        [*nova, "cell_v2", "map_cell0", "--database_connection", CELL_DATABASE % "nova_cell0"],
        [*nova, "db", "sync"],
        [*nova, "cell_v2", "create_cell", "--name", "cell1", "--transport-url", CELL_BUS,
         "--database_connection", CELL_DATABASE % "{path}"],
    ]


def host_mappings(state):
    """SQL for what `nova-manage cell_v2 discover_hosts` finds out, and takes five seconds for."""
    return "".join(
        "INSERT INTO nova_api.host_mappings (created_at, cell_id, host) "
        f"SELECT NOW(), id, '{name}' FROM nova_api.cell_mappings WHERE name = 'cell1' "
        f"AND NOT EXISTS (SELECT 1 FROM nova_api.host_mappings WHERE host = '{name}');\n"
        for name in compute_names(state)
    )
