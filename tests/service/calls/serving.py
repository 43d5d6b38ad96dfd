"""The web process as it is served, on a free port: `python -m tests.service.calls.serving DATA URL`.

`RIDEALONG_TEST=stop-when-stored` makes it kill itself between storing a file and writing its row.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from service.app import create_app
from service.calls import receiving, uploads
from service.settings import load_settings


def main(data: str, url: str) -> None:
    """Serve until killed; the first line on standard output is the port."""
    if os.environ.get("RIDEALONG_TEST") == "stop-when-stored":
        stored = receiving.stored

        async def then_die(*given: Any, **more: Any) -> Any:
            await stored(*given, **more)
            os.kill(os.getpid(), signal.SIGKILL)

        uploads.stored = then_die  # type: ignore[attr-defined]  # where it is called from
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    app = create_app(load_settings(data=Path(data), database_url=url), url)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


@contextmanager
def served(data: Path, url: str, *, stop_when_stored: bool = False) -> Iterator[tuple[str, int]]:
    """Address and process id of a web process; killed at the end."""
    environment = dict(os.environ)
    if stop_when_stored:
        environment["RIDEALONG_TEST"] = "stop-when-stored"
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(data), url], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        _wait(address)
        yield address, process.pid
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{address}/api/v1/openapi.json", timeout=60)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


if __name__ == "__main__":
    main(*sys.argv[1:])
