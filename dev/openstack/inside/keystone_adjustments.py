"""Where Keystone confuses requests that are under way at the same time."""

import threading

from keystone.server.flask.request_processing.middleware import auth_context

# The one middleware of all threads keeps the token of a request in itself. Another request that comes meanwhile replaces
# it: the first is then answered with the roles of somebody else, or, without a token for a moment, with an error 500.
_tokens = threading.local()
auth_context.AuthContextMiddleware.token = property(
    lambda self: getattr(_tokens, "token", None), lambda self, token: setattr(_tokens, "token", token))
