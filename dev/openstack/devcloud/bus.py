"""RabbitMQ, and the name service that Erlang nodes find each other by."""

from devcloud import processes, software
from devcloud.state import is_free

# Small and quiet: two schedulers that sleep when idle, and nothing reachable from outside.
ERLANG_OPTIONS = ("-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none")


def start(state):
    data = state.data / "rabbitmq"
    data.mkdir(exist_ok=True)
    (state.etc / "rabbitmq.conf").write_text("\n".join([
        f"listeners.tcp.1 = 127.0.0.1:{state.port('rabbitmq')}",
        "log.console = true",
        "log.file = false",
        "vm_memory_high_watermark.absolute = 1GiB",
        "disk_free_limit.absolute = 50MB",
        "",
    ]))
    (state.etc / "rabbitmq-plugins").write_text("[].\n")
    erlang = {
        "HOME": str(data),  # Of its cookie.
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(state.port("epmd")),
        # Every Erlang program, and RabbitMQ starts several, would else start a daemon that nobody ends.
        "ERL_AFLAGS": "-start_epmd false",
    }
    processes.spawn(state, "epmd", ["epmd"], erlang)
    processes.wait_until(state, "epmd", lambda: not is_free(state.port("epmd")))
    processes.spawn(state, "rabbitmq", [str(software.RABBITMQ_SERVER)], {
        **erlang,
        "RABBITMQ_NODENAME": "devcloud@localhost",
        "RABBITMQ_CONFIG_FILE": str(state.etc / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(state.etc / "rabbitmq-plugins"),
        "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
        "RABBITMQ_LOG_BASE": str(state.log),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(state.run / "rabbitmq.own"),
        "RABBITMQ_DIST_PORT": str(state.port("rabbitmq-distribution")),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_OPTIONS,
    })
