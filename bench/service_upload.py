"""Uploads: how fast against `dd` to the same disk, what memory each takes, and 200 at once."""

import argparse
import asyncio
import base64
import os
import socket
import subprocess
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psycopg

from bench.service_house import MIB, House, Memory, database, house, load, server, timed

PIECE = 1 << 20
RATE = 16_000  # samples a second, two bytes each
OFFSET = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


def recording(path: Path, size: int) -> Path:
    """A WAV file of noise of about so many bytes; no two are the same."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(max(1, size // PIECE)):
            file.writeframes(os.urandom(min(size, PIECE)))
    return path


def beginning(there: House, path: Path) -> dict[str, str]:
    """Headers of a request that begins an upload."""
    said = {"filename": path.name, "team": str(there.team), "consent": "synthetic"}
    pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
    return {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(path.stat().st_size),
        "Upload-Metadata": pairs,
    }


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


async def send(client: httpx.AsyncClient, there: House, path: Path) -> None:
    """Upload a file by tus."""
    begun = (await client.post("/uploads", headers=beginning(there, path))).raise_for_status()
    place = f"{there.address}{begun.headers['location']}"
    length = {"Content-Length": str(path.stat().st_size)}
    answer = await client.patch(place, content=_pieces(path), headers={**OFFSET, **length})
    answer.raise_for_status()
    assert answer.headers["ridealong-call"]  # noqa: S101 - a bench that measures refusals is worth nothing


def send_one(there: House, path: Path) -> None:
    """Upload a file and wait for its call; the kernel sends it, so that no client of ours is measured."""
    with there.client() as client:
        begun = client.post("/uploads", headers=beginning(there, path)).raise_for_status()
    host, _, port = there.address.removeprefix("http://").partition(":")
    size = path.stat().st_size
    headers = {**there.asking["headers"], **OFFSET, "Host": host, "Content-Length": str(size)}
    head = [
        f"PATCH {begun.headers['location']} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection((host, int(port)), timeout=600) as line, path.open("rb") as file:
        line.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode())
        line.sendfile(file)
        answer = b"".join(iter(lambda: line.recv(65536), b"")).decode()
    assert " 204 " in answer.split("\r\n")[0], answer  # noqa: S101 - a bench that measures refusals is worth nothing
    assert "ridealong-call:" in answer.lower(), answer  # noqa: S101


def _dd(source: Path, target: Path) -> float:
    """Seconds that dd takes to copy a file and have it on the disk."""
    command = ["dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync", "status=none"]
    found = timed(lambda: subprocess.run(command, check=True))
    target.unlink()
    return found


def throughput(arguments: argparse.Namespace) -> None:
    """One large upload against dd of the same file to the same disk, three times each in turn."""
    with (
        server(arguments.folder) as (data, server_url),
        database(server_url) as url,
        house(data, url) as there,
    ):
        send_one(there, recording(data / "warm.wav", PIECE))
        plain, ours, grown = [], [], []
        for turn in range(3):
            path = recording(data / f"large-{turn}.wav", arguments.mib * MIB)
            plain.append(_dd(path, data / "copy"))
            with Memory(there.web) as memory:
                ours.append(timed(lambda path=path: send_one(there, path)))
            grown.append(memory.grown)
            path.unlink()
    plain_rate, rate = arguments.mib / min(plain), arguments.mib / min(ours)
    print(f"one upload of {arguments.mib} MiB: {rate:.0f} MiB/s, best of three; {load()}")
    print(f"dd of the same file to the same disk, with fsync: {plain_rate:.0f} MiB/s")
    print(f"ratio {rate / plain_rate:.2f}; the web process grew by at most {max(grown):.1f} MiB")


def many(arguments: argparse.Namespace) -> None:
    """So many uploads at once, against as many one after another."""
    count = arguments.count
    with (
        server(arguments.folder) as (data, server_url),
        database(server_url) as url,
        house(data, url) as there,
    ):
        paths = [recording(data / f"{n}.wav", arguments.kib * 1024) for n in range(2 * count)]
        send_one(there, recording(data / "warm.wav", PIECE))

        async def one_after_another() -> None:
            async with httpx.AsyncClient(**there.asking) as client:
                for path in paths[:count]:
                    await send(client, there, path)

        async def at_once() -> None:
            limits = httpx.Limits(max_connections=count)
            async with httpx.AsyncClient(**there.asking, limits=limits) as client:
                await asyncio.gather(*(send(client, there, path) for path in paths[count:]))

        row = timed(lambda: asyncio.run(one_after_another()))
        with Memory(there.web) as memory:
            together = timed(lambda: asyncio.run(at_once()))
        with psycopg.connect(url) as connection:
            calls, jobs = (
                connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - two names
                for table in ("call", "procrastinate_jobs")
            )
    print(
        f"{count} uploads of {arguments.kib} KiB at once: {together:.1f} s,"
        f" {count / together:.0f} a second; {load()}"
    )
    print(f"as many one after another: {row:.1f} s, {count / row:.0f} a second; ratio {row / together:.2f}")
    print(f"the web process grew by {memory.grown:.1f} MiB, {1024 * memory.grown / count:.0f} KiB an upload")
    print(f"accepted {2 * count + 1}, calls {calls[0] if calls else 0}, jobs {jobs[0] if jobs else 0}")
