"""Objects: one copy of each, in files."""

import getpass

from devcloud import ini
from devcloud.services import Service, in_region

GROUP = "swift"
IMPORTS = ["swift.common.wsgi", "swift.proxy.server", "swift.account.server", "swift.container.server",
           "swift.obj.server", "swift_rings"]
STORES = ("account", "container", "object")

# In the order in which a request passes them.
PROXY_FILTERS = {
    "faults": {"paste.filter_factory": "faults:paste_filter"},
    "catch_errors": {"use": "egg:swift#catch_errors"},
    "gatekeeper": {"use": "egg:swift#gatekeeper"},
    "healthcheck": {"use": "egg:swift#healthcheck"},
    "proxy-logging": {"use": "egg:swift#proxy_logging"},
    "listing_formats": {"use": "egg:swift#listing_formats"},
    "bulk": {"use": "egg:swift#bulk"},
    "tempurl": {"use": "egg:swift#tempurl"},
    "authtoken": {"paste.filter_factory": "keystonemiddleware.auth_token:filter_factory"},
    "keystoneauth": {"use": "egg:swift#keystoneauth", "operator_roles": "admin, member",
                     "reseller_admin_role": "admin"},
    "copy": {"use": "egg:swift#copy"},
    "container-quotas": {"use": "egg:swift#container_quotas"},
    "account-quotas": {"use": "egg:swift#account_quotas"},
    "slo": {"use": "egg:swift#slo"},
    "dlo": {"use": "egg:swift#dlo"},
    "versioned_writes": {"use": "egg:swift#versioned_writes", "allow_object_versioning": "true"},
    "symlink": {"use": "egg:swift#symlink"},
}


def configure(state):
    etc = state.etc / "swift"
    (state.data / "swift/disk").mkdir(parents=True, exist_ok=True)
    ini.write(etc / "swift.conf", {
        # Both are mixed into every hash of a name, and an empty one is refused.
        "swift-hash": {"swift_hash_path_prefix": "devcloud", "swift_hash_path_suffix": "devcloud"},
        "storage-policy:0": {"name": "one-copy", "default": "yes"},
    })

    def common(name):
        return {
            "bind_ip": "127.0.0.1", "bind_port": state.port(name), "user": getpass.getuser(), "swift_dir": etc,
            "workers": 0, "log_name": name, "log_level": "INFO",
        }

    for store in STORES:
        ini.write(etc / f"{store}-server.conf", {
            "DEFAULT": {**common(f"swift-{store}"), "devices": state.data / "swift", "mount_check": False,
                        "fallocate_reserve": 0},
            "pipeline:main": {"pipeline": f"healthcheck {store}-server"},
            f"app:{store}-server": {"use": f"egg:swift#{store}"},
            "filter:healthcheck": {"use": "egg:swift#healthcheck"},
        })
    filters = {f"filter:{name}": dict(options) for name, options in PROXY_FILTERS.items()}
    filters["filter:faults"]["file"] = state.faults / "swift-proxy.json"
    # The temporary URLs and public containers are decided further down the line.
    filters["filter:authtoken"].update(in_region(state, "swift"), delay_auth_decision=True)
    filters["filter:authtoken"]["www_authenticate_uri"] = state.url("keystone", "/v3")
    ini.write(etc / "proxy-server.conf", {
        "DEFAULT": common("swift-proxy"),
        "pipeline:main": {"pipeline": " ".join([*PROXY_FILTERS, "proxy-server"])},
        "app:proxy-server": {"use": "egg:swift#proxy", "account_autocreate": True, "allow_account_management": True},
        **filters,
    })


def before(state):
    """Makes the rings, which say where each store is: always on the one disk. They hold ports."""
    etc = state.etc / "swift"
    if all((etc / f"{store}.ring.gz").exists() for store in STORES):
        return []
    places = [f"{store}={state.port(f'swift-{store}')}" for store in STORES]
    return [Service("swift-rings", "swift_rings:main", arguments=[str(etc), *places])]


def services(state):
    found = []
    for server in (*STORES, "proxy"):
        name = f"swift-{server}"
        config = str(state.etc / "swift" / f"{server}-server.conf")
        found.append(Service(name, f"{server}-server", "swift", [config], port=state.port(name), health="/healthcheck"))
    return found
