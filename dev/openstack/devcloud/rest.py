"""OpenStack's REST APIs with the standard library alone: its SDK takes longer to import than this takes to work."""

import http.client
import json
import threading
from urllib.parse import urlsplit

from devcloud.progress import Failure

# The API that a path belongs to -> how its root is called in a state's ports, and what precedes the path.
ROOTS = {
    "identity": ("keystone", "/v3"),
    "image": ("glance", "/v2"),
    "compute": ("nova-api", "/v2.1"),
    "network": ("neutron", "/v2.0"),
    "volume": ("cinder-api", "/v3"),
    "placement": ("placement", ""),
}
COMPUTE_VERSION = "2.90"


class RequestFailed(Failure):
    def __init__(self, message, status):
        super().__init__(message)
        self.status = status


class Api:
    """Calls as one user in one project."""

    def __init__(self, state, user="admin", project="admin"):
        self.state = state
        self._connections = threading.local()
        self.token = None
        self._log_in(user, project)

    def _log_in(self, user, project):
        body = {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user, "domain": {"id": "default"}, "password": self.state.settings.password}}},
            "scope": {"project": {"name": project, "domain": {"id": "default"}}},
        }}
        headers, answer = self._send("identity", "POST", "/auth/tokens", body)
        self.token = headers["X-Subject-Token"]
        self.project_id = answer["token"]["project"]["id"]

    def get(self, api, path):
        return self._send(api, "GET", path)[1]

    def post(self, api, path, body):
        return self._send(api, "POST", path, body)[1]

    def put(self, api, path, body=None):
        return self._send(api, "PUT", path, body)[1]

    def delete(self, api, path):
        self._send(api, "DELETE", path)

    def _send(self, api, method, path, body=None):
        name, prefix = ROOTS[api]
        headers = {"Accept": "application/json"}
        if self.token:
            headers["X-Auth-Token"] = self.token
        if api == "compute":
            headers["OpenStack-API-Version"] = f"compute {COMPUTE_VERSION}"
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        elif body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        response = self._exchange(name, method, prefix + path, body, headers)
        content = response.read()
        if response.status >= 300:
            text = f"{method} {self.state.url(name, prefix + path)}: {response.status} {content[:500].decode()}"
            raise RequestFailed(text, response.status)
        return response.headers, json.loads(content) if content else None

    def _exchange(self, name, method, path, body, headers):
        """Over a connection that this thread keeps, or a new one where the server closed the old."""
        for last_try in (False, True):
            connection = getattr(self._connections, name, None)
            if connection is None:
                connection = http.client.HTTPConnection(urlsplit(self.state.url(name)).netloc, timeout=120)
                setattr(self._connections, name, connection)
            try:
                connection.request(method, path, body, headers)
                return connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                connection.close()
                setattr(self._connections, name, None)
                if last_try:
                    raise


def is_well(state, name, path):
    """Whether an API answers with anything but an error of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", state.port(name), timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
