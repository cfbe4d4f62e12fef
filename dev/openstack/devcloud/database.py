"""MariaDB, and the empty databases that every new cloud begins with."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from devcloud import processes, services, software
from devcloud.progress import Failure, say
from devcloud.services import cinder, glance, keystone, neutron, nova, placement, swift
from devcloud.state import State

PROJECTS = (keystone, placement, glance, neutron, nova, cinder, swift)
DATABASES = ("keystone", "placement", "glance", "nova_api", "nova", "nova_cell0", "neutron", "cinder")
# Everything that makes a crash of the machine survivable is off.
OPTIONS = [
    "--skip-networking", "--skip-name-resolve", "--skip-log-bin", "--skip-performance-schema",
    "--max-connections=500", "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=192M",
    "--innodb-log-file-size=48M", "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite",
]


def start(state):
    folder = state.data / "mariadb"
    if not folder.exists():
        _copy(template(), folder)
    if processes.pid_of(state, "mariadb"):
        return
    state.database_socket.unlink(missing_ok=True)
    command = ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={folder}", f"--socket={state.database_socket}",
               f"--pid-file={state.run / 'mariadbd.own'}", *OPTIONS]
    if os.geteuid() == 0:
        command.append("--user=root")
    processes.spawn(state, "mariadb", command)


def answers(state):
    return _client(state, "SELECT 1").returncode == 0


def wait(state):
    processes.wait_until(state, "mariadb", lambda: answers(state))


def execute(state, sql):
    done = _client(state, sql)
    if done.returncode != 0:
        raise Failure(f"SQL failed: {done.stderr.strip()}")


def _client(state, sql):
    return subprocess.run(
        ["mariadb", "--no-defaults", f"--socket={state.database_socket}", "--user=root"],
        input=sql, capture_output=True, text=True,
    )


def template():
    """MariaDB's files after all migrations. They take most of a minute, so they are run once for each release."""
    version = subprocess.run(["/usr/sbin/mariadbd", "--no-defaults", "--version"], capture_output=True, text=True)
    release = f"{version.stdout.split()[2]}-{software.lock_digest()[:16]}"
    path = software.cache() / f"databases-{release}"
    if not path.exists():
        with software.lock("databases"):
            if not path.exists():
                _make_template(path)
    return path


def _make_template(path):
    say("making the databases, once")
    # Not in the cache, whose path may be too long for the socket.
    with tempfile.TemporaryDirectory(prefix="devcloud-") as folder:
        state = State(folder)
        state.save()
        for project in PROJECTS:
            project.configure(state)
        _initialise(state)
        try:
            start(state)
            wait(state)
            for name in DATABASES:
                execute(state, f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;")
            execute(state, "CREATE USER openstack@localhost; GRANT ALL ON *.* TO openstack@localhost;")
            _migrate(state)
        finally:
            # With time to write everything down.
            processes.stop(state, ["mariadb"], grace_s=60)
        part = path.with_name(path.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        _copy(state.data / "mariadb", part)
        part.rename(path)


def _initialise(state):
    user = ["--user=root"] if os.geteuid() == 0 else []
    done = subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={state.data / 'mariadb'}", "--skip-test-db",
         "--auth-root-authentication-method=normal", "--innodb-log-file-size=48M", *user],
        capture_output=True, text=True,
    )
    if done.returncode != 0:
        raise Failure(f"mariadb-install-db failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _migrate(state):
    """Each project's migrations one after the other, the projects side by side."""
    environment = dict(os.environ, **services.environment(state))
    waiting = {project.GROUP: list(project.migrations(state.etc)) for project in PROJECTS if project is not swift}
    running = {}
    while waiting or running:
        for name, commands in list(waiting.items()):
            if name not in running:
                with open(state.log / f"migrate-{name}.log", "ab") as log:
                    running[name] = subprocess.Popen(commands.pop(0), stdout=log, stderr=log, env=environment)
            if not commands:
                del waiting[name]
        for name, process in list(running.items()):
            if process.poll() is None:
                continue
            if process.returncode != 0:
                log = Path(state.log / f"migrate-{name}.log").read_text(errors="replace")
                raise Failure(f"a migration of {name} failed:\n{log[-3000:]}")
            del running[name]
            if name in waiting:
                break
        time.sleep(0.05)


def _copy(source, target):
    subprocess.run(["cp", "-a", "--sparse=always", "--reflink=auto", str(source), str(target)], check=True)
