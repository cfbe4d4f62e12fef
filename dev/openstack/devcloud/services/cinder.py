"""Volumes, as sparse files: inside/cinder_driver.py."""

import shutil

from devcloud import ini, software
from devcloud.services import Service, in_region, messaging, token_checks

GROUP = "cinder"
IMPORTS = ["cinder.cmd.volume", "cinder.cmd.scheduler", "cinder.wsgi.wsgi"]
CONFIG = "cinder/cinder.conf"
CONFIGURED_IMPORTS = ["cinder.volume.manager", "cinder.scheduler.manager", "cinder.api.v3.router", "cinder_driver"]


def configure(state):
    etc, data = state.etc / "cinder", state.data / "cinder"
    for folder in ("volumes", "coordination", "conversion"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    helper = {"helper_command": f"{software.program('privsep-helper')} --config-file {etc / 'cinder.conf'}"}
    ini.write(etc / "cinder.conf", {
        "DEFAULT": {
            "transport_url": state.message_bus,
            "my_ip": "127.0.0.1",
            "host": "controller",
            "state_path": data,
            "image_conversion_dir": data / "conversion",
            "use_stderr": True,
            "auth_strategy": "keystone",
            "api_paste_config": etc / "api-paste.ini",
            "resource_query_filters_file": etc / "resource_filters.json",
            "glance_api_servers": state.url("glance"),
            "enabled_backends": "file",
            "default_availability_zone": "nova",
            # Nova asks for a volume in the zone of its server, and there is only one zone of volumes.
            "allow_availability_zone_fallback": True,
            # The first report is as late.
            "report_interval": 2,
            "service_down_time": 30,
            # The scheduler does not begin before it has heard what the volume service can do. It may miss the first
            # time that this is said, and by default the second is up to two minutes away.
            "periodic_interval": 3,
            "periodic_fuzzy_delay": 0,
            "backend_stats_polling_interval": 3,
        },
        "file": {
            "volume_driver": "cinder_driver.FileDriver",
            "volume_backend_name": "file",
            "volume_folder": data / "volumes",
        },
        "database": {"connection": state.database("cinder")},
        "coordination": {"backend_url": f"file://{data / 'coordination'}"},
        "keystone_authtoken": token_checks(state, "cinder"),
        "service_user": {**in_region(state, "cinder"), "send_service_user_token": True},
        "nova": in_region(state, "nova"),
        # The services run as one user, so the helpers need no sudo.
        "cinder_sys_admin": helper,
        "privsep_osbrick": helper,
        **messaging(state),
    })
    for name in ("api-paste.ini", "resource_filters.json"):
        shutil.copy(software.venv() / "etc/cinder" / name, etc)


def services(state):
    config = ["--config-file", str(state.etc / "cinder/cinder.conf")]
    database, bus = str(state.database_socket), state.port("rabbitmq")
    return [
        Service("cinder-api", "cinder.wsgi.api:application", "wsgi", config, after=[database],
                port=state.port("cinder-api")),
        Service("cinder-scheduler", "cinder.cmd.scheduler:main", arguments=config, after=[database, bus]),
        Service("cinder-volume", "cinder.cmd.volume:main", arguments=config, after=[database, bus]),
    ]


def migrations(config):
    return [[software.program("cinder-manage"), "--config-file", str(config / "cinder/cinder.conf"), "db", "sync"]]
