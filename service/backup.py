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
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg

from service.database import plain
from service.dumps import BackupError, load, write
from service.revision import known
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


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: bytes of the database's dump, recordings, and keys whose files were missing.

    `revision` is that of its tables; None where there were none.
    """

    database: int
    recordings: int
    missing: tuple[str, ...] = ()
    revision: str | None = None


@dataclass(slots=True)
class _Manifest:
    server: int
    revision: str | None = None
    sums: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def to_json(self) -> bytes:
        return json.dumps({"form": FORM, **asdict(self)}).encode()


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
                write(url, connection, dump)
                rows = _recordings(connection)
                manifest = _Manifest(connection.info.server_version, _revision(connection))
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
    return Contents(size, len(manifest.sums) - 1, tuple(manifest.missing), manifest.revision)


def _recordings(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Key and checksum of every recording.

    Raises:
        BackupError: there are no tables of ours.
    """
    try:
        return connection.execute("select distinct key, sha256 from recording order by key").fetchall()
    except psycopg.errors.UndefinedTable:
        raise BackupError(
            "There is nothing to back up: the database has no tables of Ridealong; see DATABASE_URL, --data."
        ) from None


def _revision(connection: psycopg.Connection[Any]) -> str | None:
    row = connection.execute("select version_num from alembic_version").fetchone()
    return str(row[0]) if row else None


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
    return Contents(size, len(sums) - 1, tuple(manifest["missing"]), manifest.get("revision"))


def restore(settings: Settings, url: str, source: Path, *, force: bool = False) -> Contents:
    """Put a backup in the place of what is there: the database in one transaction, recordings before it.

    Tables of an older version are left as they were: `upgrade` brings them up.

    Raises:
        BackupError: the backup is damaged or of a newer version, the service runs, or the database isn't
            empty and not `force`.
    """
    found = verify(source)
    if found.revision is not None and not known(found.revision):
        raise BackupError(
            f"{source}: made by a newer version of Ridealong (tables of revision {found.revision}); "
            "install that version or a newer one, then restore it. Nothing was changed."
        )
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
            load(url, file, version)
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


def _entries(source: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Each file of a backup, opened, in order."""
    with tarfile.open(source, "r|") as archive:
        for entry in archive:
            file = archive.extractfile(entry)
            if file is not None:
                yield entry, file


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()
