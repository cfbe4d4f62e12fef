"""OpenStack's services: one module each, with its configuration files and its processes.

GROUP is the project's name, IMPORTS what its processes load before they read their configuration, CONFIGURED_IMPORTS
what they have in common that must be loaded after it, CONFIG the file that is read in between.
"""

from dataclasses import dataclass, field

from devcloud import software


@dataclass
class Service:
    """One process that inside/launch.py makes."""

    name: str
    # "module:attribute": a WSGI application, a main function, or the kind of a Swift server.
    target: str
    kind: str = "main"
    arguments: list = field(default_factory=list)
    # Files that must exist and ports that must answer before it begins.
    after: list = field(default_factory=list)
    port: int | None = None
    # A path that answers below 500 when the API is well.
    health: str = "/"


def authentication(state, user):
    """How a service shows who it is, for each section of its configuration that talks to Keystone."""
    return {
        "auth_type": "password",
        "auth_url": state.url("keystone", "/v3"),
        "username": user,
        "password": state.settings.password,
        "project_name": "service",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }


def in_region(state, user):
    return {**authentication(state, user), "region_name": "RegionOne"}


def token_checks(state, user):
    """[keystone_authtoken]: how a service checks the tokens it is given."""
    return {
        **in_region(state, user),
        "www_authenticate_uri": state.url("keystone", "/v3"),
        # Without these two, a service accepts another service's expired token from anybody.
        "service_token_roles_required": True,
        "service_token_roles": "service",
        # Of the five minutes by default, as long would a revoked token go on working.
        "token_cache_time": 5,
    }


def environment(state):
    """What all of OpenStack's processes find in their environment."""
    found = {
        "PYTHONPATH": str(software.INSIDE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        # The services talk to each other, however the machine reaches the world.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        # Where stevedore keeps the entry points that it found.
        "XDG_CACHE_HOME": str(software.cache() / "run"),
        "DEVCLOUD_FAULTS": str(state.faults),
    }
    for project in ("keystone", "placement", "glance", "nova", "neutron"):
        found[f"OS_{project.upper()}_CONFIG_DIR"] = str(state.etc / project)
    found["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf;ml2_conf.ini"
    # Cinder's volume and scheduler services would use eventlet otherwise, and could share nothing with its API.
    found["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "true"
    return found


def messaging(state):
    return {
        "oslo_messaging_rabbit": {"heartbeat_timeout_threshold": 60},
        "oslo_messaging_notifications": {"driver": "noop"},
        "oslo_concurrency": {"lock_path": state.data / "locks"},
    }
