"""Runs one of Swift's servers with its swift.conf beside its own configuration, instead of in /etc/swift."""

import os
import sys

import eventlet.patcher  # noqa: F401  (Swift's own programs import it first, too.)
from swift.common import constraints, storage_policy, utils, wsgi


def run(server, config):
    utils.SWIFT_CONF_FILE = os.path.join(os.path.dirname(config), "swift.conf")
    # Both were read from the usual place when they were imported.
    constraints.reload_constraints()
    storage_policy.reload_storage_policies()
    # Verbose is to standard error, beside the system's log.
    sys.exit(wsgi.run_wsgi(config, server, verbose=True))
