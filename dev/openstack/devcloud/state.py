"""One cloud's folder: where its files lie, which ports it has, what it was asked to be."""

import fcntl
import json
import os
import socket
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from devcloud import software
from devcloud.progress import Failure

PORTS = {
    "keystone": 5000,
    "swift-object": 6200,
    "swift-container": 6201,
    "swift-account": 6202,
    "swift-proxy": 8080,
    "nova-api": 8774,
    "cinder-api": 8776,
    "placement": 8778,
    "glance": 9292,
    "neutron": 9696,
    "rabbitmq": 13672,
    "epmd": 14369,
    "rabbitmq-distribution": 25672,
}
# Steps of 100 never move one port onto another, and the last stays below the ports that the kernel gives to clients.
SHIFT_STEP, SHIFT_LIMIT = 100, 7000
# What the kernel takes for the path of a unix socket, the final zero included.
SOCKET_PATH_LIMIT = 108


@dataclass
class Settings:
    """What `up` was asked for. Kept, so that a later `up` of the same state needs no options."""

    port_shift: int = 0
    computes: int = 2
    second_region: bool = False
    token_lifetime: int = 14400
    password: str = "devcloud"  # Of every user, and no secret: nothing listens outside this machine.


class State:
    def __init__(self, folder):
        self.folder = Path(folder).absolute()
        self.run = self.folder / "run"
        self.log = self.folder / "log"
        self.etc = self.folder / "etc"
        self.data = self.folder / "data"
        self.faults = self.folder / "faults"
        self.database_socket = self.run / "db.sock"
        too_long = len(os.fsencode(self.database_socket)) + 1 - SOCKET_PATH_LIMIT
        if too_long > 0:
            raise Failure(f"{self.folder} is {too_long} bytes too long for the unix sockets in it; take a shorter one")
        self.settings = Settings()
        self.is_new = True
        if self._settings_file.exists():
            self.settings = Settings(**json.loads(self._settings_file.read_text()))
            self.is_new = False

    @property
    def _settings_file(self):
        return self.folder / "settings.json"

    def save(self):
        for folder in (self.run, self.log, self.etc, self.data, self.faults):
            folder.mkdir(parents=True, exist_ok=True)
        self._settings_file.write_text(json.dumps(asdict(self.settings), indent=2) + "\n")

    def require(self):
        """Refuses a folder that `up` did not make."""
        if self.is_new:
            raise Failure(f"no cloud was started in {self.folder}")

    @contextmanager
    def lock(self, wait=False):
        """Keeps two programs from starting or stopping the same cloud at once."""
        # Not for others: the database asks nobody for a password.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self.folder / "lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise Failure(f"another program starts or stops the cloud in {self.folder}") from None
            yield

    def done(self, step):
        return (self.folder / f"done-{step}").exists()

    def mark_done(self, step):
        (self.folder / f"done-{step}").touch()

    def port(self, name):
        return PORTS[name] + self.settings.port_shift

    def ports(self):
        return {name: self.port(name) for name in PORTS}

    def url(self, name, path=""):
        return f"http://127.0.0.1:{self.port(name)}{path}"

    def database(self, name):
        return f"mysql+pymysql://openstack@localhost/{name}?unix_socket={self.database_socket}&charset=utf8mb4"

    @property
    def message_bus(self):
        return f"rabbit://guest:guest@127.0.0.1:{self.port('rabbitmq')}/"


def is_free(port):
    with socket.socket() as probe:
        # As servers do, so that a connection in TIME_WAIT does not count as one that listens.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def free_shift():
    """The first shift for which all ports are free, kept from other programs that ask while the block runs."""
    for shift in range(0, SHIFT_LIMIT + 1, SHIFT_STEP):
        with software.lock(f"shift-{shift}", wait=False) as mine:
            if mine and all(is_free(port + shift) for port in PORTS.values()):
                yield shift
                return
    raise Failure("no shift of the ports leaves all of them free")
