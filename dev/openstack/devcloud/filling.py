"""Many servers and flavors, for benchmarks."""

import time
from concurrent.futures import ThreadPoolExecutor

from devcloud.progress import Failure, say
from devcloud.rest import Api

AT_ONCE = 4
PAGE = 1000  # The most that Nova lists at once.


def fill(state, n_servers, n_flavors):
    """Makes what is missing to these numbers, named fill-00001 and so on."""
    if n_flavors:
        admin = Api(state)
        known = {it["name"] for it in listed(admin, "flavors")}
        bodies = [{"flavor": {"name": name, "vcpus": 1 + number % 8, "ram": 512 * (1 + number % 16),
                              "disk": 1 + number % 40}}
                  for number, name in names(n_flavors) if name not in known]
        post_all(admin, "/flavors", bodies)
        say(f"{len(bodies)} flavors are made")
    if n_servers:
        demo = Api(state, "demo", "demo")
        image = demo.get("image", "/images?name=tiny")["images"][0]["id"]
        flavor = next(it["id"] for it in listed(demo, "flavors") if it["name"] == "m1.tiny")
        known = {it["name"] for it in listed(demo, "servers")}
        # A port for each would take three times as long.
        bodies = [{"server": {"name": name, "imageRef": image, "flavorRef": flavor, "networks": "none"}}
                  for number, name in names(n_servers) if name not in known]
        post_all(demo, "/servers", bodies)
        say(f"{len(bodies)} servers are asked for")
        wait_for_servers(demo)


def names(n):
    return [(number, f"fill-{number:05}") for number in range(1, n + 1)]


def post_all(api, path, bodies):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda body: api.post("compute", path, body), bodies):
            pass


def listed(api, kind):
    found, marker = [], ""
    while page := api.get("compute", f"/{kind}?limit={PAGE}{marker}")[kind]:
        found += page
        marker = f"&marker={page[-1]['id']}"
    return found


def wait_for_servers(api):
    said = time.monotonic()
    while building := api.get("compute", "/servers?status=BUILD&limit=1000")["servers"]:
        if time.monotonic() - said > 10:
            said = time.monotonic()
            say(f"{len(building)} servers are being built")
        time.sleep(1)
    failed = [it["name"] for it in api.get("compute", "/servers?status=ERROR&limit=1000")["servers"]
              if it["name"].startswith("fill-")]
    if failed:
        raise Failure(f"{len(failed)} servers ended in ERROR, {failed[0]} among them")
    say("all servers are active")
