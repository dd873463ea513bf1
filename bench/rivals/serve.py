"""``python -m bench.rivals.serve plain --port 9001``: a rival behind the server that ours has."""

from __future__ import annotations

import argparse

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

MODULES = {
    "plain": ("plain", Interfaces.WSGI),
    "django": ("django_form", Interfaces.WSGI),
    "fastapi": ("fast_api", Interfaces.ASGI),
    "canned": ("canned", Interfaces.WSGI),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=MODULES)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=16)
    given = parser.parse_args()
    module, interface = MODULES[given.name]
    threads = given.threads if interface is Interfaces.WSGI else 1
    Granian(
        f"bench.rivals.{module}:create_app",
        factory=True,
        address="127.0.0.1",
        port=given.port,
        interface=interface,
        workers=given.workers,
        blocking_threads=threads,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
