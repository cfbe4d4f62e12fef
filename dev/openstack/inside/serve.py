"""Serves one API on 127.0.0.1: one process, some threads."""

import os
import time

import faults
import waitress

THREADS = 8
LARGEST_BODY = 64 << 30  # Of an image.


def run(name, application, port, plan):
    application = faults.Faults(application, os.path.join(plan["faults"], name + ".json"))
    application = AccessLog(application, os.path.join(plan["log"], name + ".access.log"))
    waitress.serve(
        application, host="127.0.0.1", port=port, threads=THREADS, connection_limit=1000, channel_timeout=180,
        max_request_body_size=LARGEST_BODY, ident=None, clear_untrusted_proxy_headers=True,
    )


class AccessLog:
    """One line for each request: when, status, milliseconds until the answer began, method, path, request id."""

    def __init__(self, application, path):
        self.application = application
        self.file = open(path, "a", buffering=1)

    def __call__(self, environ, start_response):
        begun = time.time()
        # Applications change both while they work.
        path, query = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), environ.get("QUERY_STRING")

        def noted(status, headers, exc_info=None):
            ids = [value for key, value in headers if key.lower() in ("x-openstack-request-id", "x-trans-id")]
            self.file.write("%.3f %s %6.0f ms %s %s%s %s\n" % (
                begun, status.split()[0], (time.time() - begun) * 1000, environ["REQUEST_METHOD"], path,
                "?" + query if query else "", ids[0] if ids else "-"))
            return start_response(status, headers, exc_info)

        return self.application(environ, noted)
