"""Identity."""

import base64
import os

from devcloud import ini, software
from devcloud.services import Service

GROUP = "keystone"
IMPORTS = ["keystone_adjustments", "keystone.server.wsgi", "keystone.cmd.manage"]


def configure(state):
    keys = state.data / "keystone"
    for folder in ("fernet", "credential"):
        _make_keys(keys / folder)
    ini.write(state.etc / "keystone/keystone.conf", {
        "DEFAULT": {"use_stderr": True, "public_endpoint": state.url("keystone")},
        "database": {"connection": state.database("keystone")},
        # The cheapest that bcrypt offers: a login takes milliseconds. The options of [security_compliance] that lock
        # users out or let passwords expire stay unset, which is off.
        "identity": {"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4},
        "token": {"provider": "fernet", "expiration": state.settings.token_lifetime},
        "fernet_tokens": {"key_repository": keys / "fernet"},
        # Without it, a folder below /etc has to be there: Keystone looks for it whether or not it ever gives a receipt.
        "fernet_receipts": {"key_repository": keys / "fernet"},
        "credential": {"key_repository": keys / "credential"},
        "cache": {"enabled": True, "backend": "oslo_cache.dict"},
    })


def _make_keys(folder):
    """What `keystone-manage fernet_setup` leaves, without starting Python twice: 0 is the next key, 1 the first."""
    if folder.exists():
        return
    folder.mkdir(parents=True, mode=0o700)
    for name in ("0", "1"):
        (folder / name).write_bytes(base64.urlsafe_b64encode(os.urandom(32)))
        (folder / name).chmod(0o600)


def before(state):
    """Makes the first user, project, roles and region."""
    if state.done("keystone"):
        return []
    address = state.url("keystone", "/v3")
    return [Service(
        "keystone-bootstrap", "keystone.cmd.manage:main", after=[str(state.database_socket)],
        arguments=[
            "--config-file", str(state.etc / "keystone/keystone.conf"), "bootstrap",
            "--bootstrap-password", state.settings.password, "--bootstrap-region-id", "RegionOne",
            "--bootstrap-public-url", address, "--bootstrap-internal-url", address, "--bootstrap-admin-url", address,
        ],
    )]


def services(state):
    return [Service(
        "keystone", "keystone.wsgi.api:application", "wsgi", after=[str(state.database_socket)],
        port=state.port("keystone"), health="/v3",
    )]


def migrations(config):
    return [[software.program("keystone-manage"), "--config-file", str(config / "keystone/keystone.conf"), "db_sync"]]
