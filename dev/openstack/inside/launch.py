"""Makes the Python processes of the cloud.

Runs in the virtual environment and reads a plan from standard input. The services of one project share most of what
they import, so each project is imported once, in a process that then forks its services. Importing is a large part of
a start, and the services go on sharing those pages of memory.
"""

import gc
import importlib
import json
import os
import socket
import sys
import time
import traceback

# Imported once for all projects but Swift. Nothing here may import eventlet: Nova refuses to start with it loaded.
COMMON = ["sqlalchemy.orm", "pymysql", "keystonemiddleware.auth_token", "oslo_config.cfg", "oslo_db.options",
          "oslo_policy.policy", "paste.deploy", "webob.dec", "jsonschema", "stevedore", "routes", "waitress"]
PATIENCE_S = 240


def main():
    plan = json.load(sys.stdin)
    # Nothing is thrown away while modules are loaded, so looking for it is a waste of time.
    gc.disable()
    # Swift's modules are made cooperative by eventlet after they are imported, and what it cannot reach must not be
    # there before.
    groups = sorted(plan["groups"], key=lambda group: group["name"] != "swift")
    processes = []
    for group in groups:
        if group["name"] != "swift":
            load(COMMON)
        processes.append(fork(run_group, plan, group))
    failures = [pid for pid in processes if os.waitpid(pid, 0)[1] != 0]
    sys.exit(1 if failures else 0)


def load(modules):
    for module in modules:
        importlib.import_module(module)


def fork(function, *arguments):
    """Runs a function in a child, which never returns from here."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        function(*arguments)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def run_group(plan, group):
    prepare(group["name"])
    load(group["imports"])
    if group["config"]:
        load_configured(group["config"], group["configured_imports"])
    gc.freeze()  # The children's collector leaves alone, and so shared, what is there now.
    for task in group["before"]:
        status = os.waitpid(fork(become, plan, task), 0)[1]
        os.remove(pid_file(plan, task))
        if status:
            print(f"{task['name']} failed; see its log", file=sys.stderr)
            sys.exit(1)
    for service in group["services"]:
        pid = fork(become, plan, service)
        # Who waits for this program takes a service without this file for dead.
        while not os.path.exists(pid_file(plan, service)) and os.waitpid(pid, os.WNOHANG) == (0, 0):
            time.sleep(0.001)


def load_configured(file, modules):
    """Loads modules that look at the configuration as they are loaded: the periods of tasks, for example."""
    from oslo_config import cfg
    cfg.CONF(["--config-file", file])
    load(modules)
    # Each service reads it again, and may declare options until then.
    cfg.CONF.clear()


def prepare(group):
    """Chooses threads over eventlet before anything else is imported. Other modules need the objects registered."""
    if group == "nova":
        from nova import monkey_patch
        monkey_patch.patch("threading")
        from nova import objects
        objects.register_all()
        # Found as nova.virt.devcloud, because the option compute_driver names what is below nova.virt.
        sys.modules["nova.virt.devcloud"] = importlib.import_module("nova_driver")
    elif group == "cinder":
        from cinder import monkey_patch
        monkey_patch.patch()
        # Some of it gives work to eventlet's own threads nevertheless, and those answer the first thread that asks and no
        # other: the second volume of an image would be in creation for good.
        from eventlet import tpool
        tpool.execute = lambda method, *args, **kwargs: method(*args, **kwargs)
        tpool.Proxy = lambda obj, *_, **__: obj
        from cinder import objects
        objects.register_all()


def pid_file(plan, service):
    return os.path.join(plan["run"], service["name"] + ".pid")


def become(plan, service):
    """Turns this process into a service, in a session of its own."""
    name = service["name"]
    with open("/proc/self/stat") as stat, open(pid_file(plan, service) + ".part", "w") as file:
        file.write(f"{os.getpid()} {stat.read().rpartition(')')[2].split()[19]}\n")
    os.rename(pid_file(plan, service) + ".part", pid_file(plan, service))
    # Only now: until here it ends with the process group of the launcher.
    os.setsid()
    log = os.open(os.path.join(plan["log"], name + ".log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    empty = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((empty, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    rename(name)
    for condition in service["after"]:
        wait_for(condition)
    gc.enable()

    sys.argv = [name, *service["arguments"]]
    module, _, attribute = service["target"].partition(":")
    if service["kind"] == "swift":
        import swift_server
        swift_server.run(service["target"], *service["arguments"])
    elif service["kind"] == "wsgi":
        import serve
        serve.run(name, getattr(importlib.import_module(module), attribute), service["port"], plan)
    else:
        sys.exit(getattr(importlib.import_module(module), attribute)())


def rename(name):
    """What `ps` shows, instead of this program for each of them."""
    try:
        import setproctitle
    except ImportError:
        return
    setproctitle.setproctitle(f"devcloud {name}")


def wait_for(condition):
    """Waits for a file, a unix socket that is served, or a port that answers."""
    end = time.monotonic() + PATIENCE_S
    while not there(condition):
        if time.monotonic() > end:
            sys.exit(f"{condition} is not there after {PATIENCE_S} s")
        time.sleep(0.05)


def there(condition):
    if isinstance(condition, str) and not condition.endswith(".sock"):
        return os.path.exists(condition)
    family, address = socket.AF_INET, ("127.0.0.1", condition)
    if isinstance(condition, str):
        family, address = socket.AF_UNIX, condition
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0


if __name__ == "__main__":
    main()
