"""Answers requests wrongly, or late, on purpose.

The rules are a JSON list in a file, read again whenever it changes; without the file nothing happens. The first rule
that fits a request decides. All keys are optional:

    method, path, user_agent   which requests: equal to, regular expression found in, and again
    probability                0 to 1: how often a request that fits is chosen
    count                      how many requests are chosen in all, until the file changes
    delay_s                    waits first
    status, headers, body      answers with this; without a status the request goes on to the service
"""

import json
import os
import random
import re
import threading
import time


class Faults:
    def __init__(self, application, path):
        self.application = application
        self.path = path
        self.lock = threading.Lock()
        self.version = None
        self.rules = []

    def __call__(self, environ, start_response):
        rule = self.choose(environ)
        if rule is None:
            return self.application(environ, start_response)
        if rule.get("delay_s"):
            time.sleep(rule["delay_s"])
        if "status" not in rule:
            return self.application(environ, start_response)
        return answer(rule, start_response)

    def choose(self, environ):
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        with self.lock:
            self.read()
            for rule in self.rules:
                if rule.get("method", environ["REQUEST_METHOD"]) != environ["REQUEST_METHOD"]:
                    continue
                if not re.search(rule.get("path", ""), path):
                    continue
                if not re.search(rule.get("user_agent", ""), environ.get("HTTP_USER_AGENT", "")):
                    continue
                if random.random() >= rule.get("probability", 1) or rule.get("count") == 0:
                    continue
                if "count" in rule:
                    rule["count"] -= 1
                return rule
        return None

    def read(self):
        try:
            version = os.stat(self.path).st_mtime_ns
        except FileNotFoundError:
            self.version, self.rules = None, []
            return
        if version != self.version:
            with open(self.path) as file:
                self.version, self.rules = version, json.load(file)


def answer(rule, start_response):
    status = rule["status"]
    body = rule.get("body", {"error": {"code": status, "title": "Injected", "message": "This fault was injected."}})
    data = (body if isinstance(body, str) else json.dumps(body)).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(data)), "X-Injected-Fault": "1"}
    headers.update({name: str(value) for name, value in rule.get("headers", {}).items()})
    start_response(f"{status} Injected", list(headers.items()))
    return [data]


def paste_filter(global_conf, file, **other):
    """For servers whose pipeline is a configuration file. Swift adds options of its own."""
    return lambda application: Faults(application, file)
