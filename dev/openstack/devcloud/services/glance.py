"""Images, as files."""

import shutil

from devcloud import ini, software
from devcloud.services import Service, messaging, token_checks

GROUP = "glance"
IMPORTS = ["glance.common.wsgi_app"]


def configure(state):
    data = state.data / "glance"
    for folder in ("images", "staging", "tasks"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    ini.write(state.etc / "glance/glance-api.conf", {
        "DEFAULT": {
            "use_stderr": True,
            "enabled_backends": "file:file",
            "enabled_import_methods": "[glance-direct,copy-image]",
        },
        "database": {"connection": state.database("glance")},
        "glance_store": {"default_backend": "file"},
        "file": {"filesystem_store_datadir": data / "images"},
        # Both are wanted by name, as soon as there are backends.
        "os_glance_staging_store": {"filesystem_store_datadir": data / "staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": data / "tasks"},
        "paste_deploy": {"flavor": "keystone", "config_file": state.etc / "glance/glance-api-paste.ini"},
        "keystone_authtoken": token_checks(state, "glance"),
        **messaging(state),
    })
    shutil.copy(software.venv() / "etc/glance/glance-api-paste.ini", state.etc / "glance")


def services(state):
    return [Service(
        "glance", "glance.wsgi.api:application", "wsgi", after=[str(state.database_socket)],
        port=state.port("glance"), health="/versions",
    )]


def migrations(config):
    return [[software.program("glance-manage"), "--config-file", str(config / "glance/glance-api.conf"), "db_sync"]]
