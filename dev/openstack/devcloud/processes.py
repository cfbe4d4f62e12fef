"""Starting and ending processes, by files that tell their pid and when they were born.

The birth is what makes a pid safe to signal: after a crash or a restart of the machine the number may belong to
another program.
"""

import os
import signal
import subprocess
import time

from devcloud.progress import Failure


def birth(pid):
    """The start time of a process in clock ticks since the machine started, or None."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def pid_of(state, name):
    """The pid of our process, or None where it does not run."""
    try:
        pid, born = map(int, (state.run / f"{name}.pid").read_text().split())
    except (FileNotFoundError, ValueError):
        return None
    return pid if birth(pid) == born else None


def names(state):
    """Those that were started and not stopped since, whether they live or not."""
    return sorted(file.stem for file in state.run.glob("*.pid"))


def spawn(state, name, command, environment=None):
    """Starts a program in a session of its own, unless it runs already."""
    if pid_of(state, name):
        return
    # A signal that ends this program must not come between the start and the note of it.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        with open(state.log / f"{name}.log", "ab") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd=state.run,
                env=dict(os.environ, **(environment or {})),
                preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, mask),
            )
        (state.run / f"{name}.pid").write_text(f"{process.pid} {birth(process.pid)}\n")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def wait_until(state, name, is_well, timeout_s=180):
    """Waits for a process that must not die meanwhile."""
    end = time.monotonic() + timeout_s
    while not is_well():
        if not pid_of(state, name):
            raise Failure(f"{name} died; see {state.log / name}.log")
        if time.monotonic() > end:
            raise Failure(f"{name} does not answer after {timeout_s} s; see {state.log / name}.log")
        time.sleep(0.05)


def stop(state, stop_names, grace_s):
    """Asks processes to end, all at once, and kills what is left of their sessions after the grace."""
    ours = {}
    for name in stop_names:
        if pid := pid_of(state, name):
            ours[pid] = birth(pid)
    for pid in ours:
        if grace_s:
            _signal(os.kill, pid, signal.SIGTERM)
            _signal(os.killpg, pid, signal.SIGCONT)  # A frozen one would not hear the first.
    _wait_for_end(ours, grace_s)
    for pid, born in ours.items():
        # Each leads a process group, which may outlive it.
        if birth(pid) in (None, born):
            _signal(os.killpg, pid, signal.SIGKILL)
    _wait_for_end(ours, 5)
    for name in stop_names:
        (state.run / f"{name}.pid").unlink(missing_ok=True)


def _wait_for_end(births, limit_s):
    end = time.monotonic() + limit_s
    while time.monotonic() < end and any(birth(pid) == born for pid, born in births.items()):
        time.sleep(0.02)


def signal_group(state, name, number):
    pid = pid_of(state, name)
    if not pid:
        raise Failure(f"{name} does not run")
    _signal(os.killpg, pid, number)


def _signal(send, pid, number):
    try:
        send(pid, number)
    except ProcessLookupError:
        pass


def memory(state, name):
    """Bytes that the process and its children hold for themselves, their share of common pages included."""
    pid = pid_of(state, name)
    return sum(map(_proportional_size, [pid, *_descendants(pid)])) if pid else 0


def _descendants(pid):
    children = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                children += map(int, file.read().split())
    except (FileNotFoundError, ProcessLookupError):
        return []
    return children + [it for child in children for it in _descendants(child)]


def _proportional_size(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return 0
