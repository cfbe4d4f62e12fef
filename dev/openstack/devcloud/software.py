"""The installed software: Debian's database and message bus, and OpenStack from PyPI in a virtual environment.

It is shared by all states, and lies in the cache.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from devcloud.progress import Failure, say

SOURCE = Path(__file__).resolve().parent.parent
INSIDE = SOURCE / "inside"
LOCK_FILE = SOURCE / "requirements.lock"
RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
UV = "uv==0.13.9"

# A file that only the package brings -> the package.
DEBIAN = {
    "/usr/sbin/mariadbd": "mariadb-server",
    str(RABBITMQ_SERVER): "rabbitmq-server",
    # Cinder asks it for the size and format of images.
    "/usr/bin/qemu-img": "qemu-utils",
}


def cache():
    base = os.environ.get("STACKYARD_CACHE")
    if not base:
        base = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "stackyard")
    return Path(base).absolute() / "openstack"


def venv():
    return cache() / "venv"


def program(name):
    """A program of the virtual environment."""
    return str(venv() / "bin" / name)


@contextmanager
def lock(name, wait=True):
    """Holds a lock file in the cache. Without `wait`, gives None where another process holds it."""
    cache().mkdir(parents=True, exist_ok=True)
    with open(cache() / f"{name}.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield None
            return
        yield file


def install():
    """Installs what is missing."""
    _install_debian()
    if not _venv_is_current():
        with lock("install"):
            if not _venv_is_current():
                _install_venv()


def _install_debian():
    packages = {package for file, package in DEBIAN.items() if not os.path.exists(file)}
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        packages.add("python3-venv")  # Debian's Python has no working `venv` without it.
    if not packages:
        return
    names = " ".join(sorted(packages))
    if os.geteuid() != 0:
        raise Failure(f"these Debian packages are missing, and only root can install them: {names}")
    say(f"installing Debian's {names}")
    log = cache() / "apt.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600"]
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with _no_daemons(), open(log, "w") as out:
        for command in (["update"], ["install", "--no-install-recommends", *sorted(packages)]):
            done = subprocess.run(apt + command, stdout=out, stderr=out, env=environment)
            if done.returncode != 0:
                raise Failure(f"apt-get {command[0]} failed; see {log}")


@contextmanager
def _no_daemons():
    """Keeps packages from starting their daemons: this policy file is what invoke-rc.d asks."""
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            policy.unlink()


def lock_digest():
    return hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()


def _venv_is_current():
    try:
        return (venv() / "installed-from").read_text() == lock_digest()
    except FileNotFoundError:
        return False


def _install_venv():
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        version = ".".join(map(str, sys.version_info[:2]))
        raise Failure(f"OpenStack needs Python 3.11 to 3.13, and this is {version} ({sys.executable})")
    say("installing OpenStack from PyPI")
    # A half-made one, or one of another Python, is not worth repairing.
    shutil.rmtree(venv(), ignore_errors=True)
    python = program("python")
    _run(sys.executable, "-m", "venv", str(venv()))
    _run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", UV)
    _run(program("uv"), "pip", "install", "-q", "--python", python, "--require-hashes", "--compile-bytecode",
         "-r", str(LOCK_FILE))
    (venv() / "installed-from").write_text(lock_digest())


def _run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
