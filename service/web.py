"""The web process: the application on a socket that it was given, or one of its own."""

import argparse
import gc
import socket
import sys

import uvicorn

from models.errors import CallError
from service import logs
from service.alone import when_alone
from service.app import create_app
from service.limits import SmallBodies
from service.settings import Settings, load_settings

OBJECTS_BETWEEN_COLLECTIONS = 10_000  # a document of an hour has as many
SHUTDOWN_SECONDS = 5  # that answers under way get; event streams end at once


def server(settings: Settings, url: str) -> uvicorn.Server:
    """The web server, not yet running."""
    config = uvicorn.Config(
        logs.RequestLog(SmallBodies(create_app(settings, url))),
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    return uvicorn.Server(config)


def main() -> None:
    """Serve on the listening socket `--fd` until told to stop, or until the parent is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    given = parser.parse_args()
    settings = load_settings()
    logs.configure(settings.log_format, part="web")
    made = server(settings, settings.database_url or "")
    when_alone(lambda: setattr(made, "should_exit", True))
    # Modules stay for ever, but the collector walks through them when a call's page makes many objects.
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    made.run(sockets=[socket.socket(fileno=given.fd)])


if __name__ == "__main__":
    try:
        main()
    except CallError as error:
        sys.stderr.write(f"ridealong: {error}\n")
        sys.exit(2)
