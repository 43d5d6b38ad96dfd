"""Settings of the service: one class; from the environment or a file, checked when the service starts."""

import os
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from models.errors import CallError, UnknownFramework
from models.framework import load_framework

PREFIX = "RIDEALONG_"
FILE_VARIABLE = "RIDEALONG_SETTINGS"
GIB = 1024**3
MOST_DAYS = 36_500
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to listen on; nobody can go there
LEAST_AUDIT_DAYS = 90
"""The database itself refuses to let go of younger entries of the audit log."""
# Read by other parts of the product, not by this class.
OTHERS = frozenset({FILE_VARIABLE, "RIDEALONG_TEST"})


LIVE = frozenset(
    {
        "blind_share",
        "keep_audit_days",
        "keep_numbers",
        "keep_recordings_days",
        "keep_transcripts_days",
        "largest_upload",
        "learning_auto",
        "learning_days",
        "learning_least",
        "session_hours",
        "session_idle_minutes",
        "sign_in_tries",
        "upload_days",
        "url_import",
    }
)
"""What an administrator may change while the service runs. The environment wins over it, it over the file."""


class WrongSetting(CallError):
    """A setting is unknown or has a value that can't be used."""


class Settings(BaseSettings):
    """Everything that can be set. In the environment a name is `RIDEALONG_` and the field's in capitals.

    The same names in lower case can stand in a TOML file, `RIDEALONG_SETTINGS`; the environment wins.
    `DATABASE_URL` and `STORAGE_URL` are read without the prefix, too, because platforms set them so.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    data: Path = Field(default_factory=lambda: user_data_path("ridealong"))
    """Folder of the embedded database, of recordings and unfinished uploads."""
    database_url: str | None = Field(
        None, validation_alias=AliasChoices("RIDEALONG_DATABASE_URL", "DATABASE_URL", "database_url")
    )
    """PostgreSQL 14 or newer, `postgresql://user:password@host/name`; without it one runs in `data`."""
    storage_url: str | None = Field(
        None, validation_alias=AliasChoices("RIDEALONG_STORAGE_URL", "STORAGE_URL", "storage_url")
    )
    """Where recordings are kept: `s3://bucket/prefix`, `gs://`, `az://`, `file:///folder`; else in `data`."""
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8731
    """Port to listen on; 0 takes a free one."""
    public_url: str | None = None
    """How browsers reach the service, `https://calls.example.org`; default http://host:port."""
    workers: Annotated[int, Field(ge=0, le=64)] = 1
    """Jobs that `serve` works on at a time; 0 leaves all work to `ridealong worker` elsewhere."""
    model: str = "base"
    """Whisper weights: base, tiny.en, a folder, or hub:NAME to download one."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where recognition runs; auto takes CUDA where there is one."""
    threads: Annotated[int, Field(ge=1)] | None = None
    """CPU threads of a recognition; every core by default."""
    framework: str = "default"
    """What calls are scored by unless the upload says otherwise: a shipped framework or a TOML file."""
    largest_upload: Annotated[int, Field(ge=1, le=1024 * GIB)] = 2 * GIB
    """Bytes of the largest file that is taken."""
    upload_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 7
    """Days that an unfinished upload waits to be resumed."""
    url_import: bool = False
    """Whether recordings may be fetched from a URL that a user gives; public addresses only."""
    watch: Path | None = None
    """A folder whose new recordings are taken in as batch uploads of `watch_owner`."""
    watch_owner: str | None = None
    """E-mail of the person who owns what comes from the watched folder."""
    blind_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Share of calls that a reviewer scores without seeing the draft."""
    agreement_floor: Annotated[float, Field(ge=-1, le=1)] = 0.4
    """Quadratic weighted kappa below which drafts are withheld; the upper end of its interval counts."""
    agreement_pairs: Annotated[int, Field(ge=10)] = 30
    """Blind reads of a dimension before its agreement is told and can have its drafts withheld."""
    due_practice_days: Annotated[int, Field(ge=0)] = 3
    """Days in which submitted practice should be decided."""
    due_contest_days: Annotated[int, Field(ge=0)] = 5
    """Days in which a contested score should be decided."""
    due_blind_days: Annotated[int, Field(ge=0)] = 7
    """Days in which a blind read or a part in a calibration should be given."""
    due_look_days: Annotated[int, Field(ge=0)] = 14
    """Days in which an unsure or low draft should be looked at."""
    queue_days: Annotated[int, Field(ge=1)] = 60
    """Calls older than this no longer ask for blind reads or a look; what people sent in stays."""
    local_passwords: bool = True
    """Whether people can sign in by e-mail and password."""
    oidc_issuer: str | None = None
    """OpenID Connect issuer, `https://login.example.org`; people sign in there."""
    oidc_client_id: str | None = None
    """Client id that the issuer knows this service by."""
    oidc_client_secret: SecretStr | None = None
    """The client's secret."""
    learning_days: Annotated[int, Field(ge=1)] | None = None
    """Days after which the service learns from new reviews by itself. Unset: only when somebody asks."""
    learning_least: Annotated[int, Field(ge=1)] = 20
    """Newly reviewed calls that must have come in since before the service learns by itself."""
    learning_auto: bool = False
    """Whether weights that are better on held-out reviews are used at once; else an administrator decides."""
    session_idle_minutes: Annotated[int, Field(ge=1, le=MOST_DAYS * 24 * 60)] = 12 * 60
    """A session unused for so long ends."""
    session_hours: Annotated[int, Field(ge=1, le=MOST_DAYS * 24)] = 7 * 24
    """A session ends after so long, used or not."""
    sign_in_tries: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    """Failed sign-ins in 15 minutes, of an address or an account, after which more are refused."""
    job_attempts: Annotated[int, Field(ge=1)] = 4
    """How often a failing stage is tried before the call is set aside with the reason."""
    stalled_seconds: Annotated[int, Field(ge=5)] = 30
    """After so long without a sign of life a worker's job is given to another."""
    keep_recordings_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    """Days after which a call's sound is deleted; transcript and scores stay. Unset: never."""
    keep_transcripts_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    """Days after which a call is deleted with all that hangs on it: sound, words, scores. Unset: never."""
    keep_numbers: bool = True
    """Whether the numbers of reviews outlive a call that is deleted by age; no words, no names."""
    keep_audit_days: Annotated[int, Field(ge=LEAST_AUDIT_DAYS, le=MOST_DAYS)] | None = None
    """Days after which entries of the audit log are deleted, 90 at least. Unset: never."""
    metrics: bool = True
    """Whether /metrics answers, for Prometheus; it holds counts and times, no content."""
    log_format: Literal["text", "json"] = "text"
    """How log lines are written; they never hold what was said in a call."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - given by pydantic
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        file = os.environ.get(FILE_VARIABLE)
        sources = [init_settings, env_settings]
        if file:
            sources.append(TomlConfigSettingsSource(settings_cls, Path(file)))
        return tuple(sources)

    @property
    def storage(self) -> str:
        """The URL of the object storage in use."""
        return self.storage_url or (self.data.resolve() / "recordings").as_uri()

    @property
    def address(self) -> str:
        """How people reach the service, without a slash at the end."""
        here = "localhost" if self.host in EVERYWHERE else f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{here}:{self.port}").rstrip("/")


def load_settings(**given: Any) -> Settings:
    """Settings from arguments, environment and file.

    Raises:
        WrongSetting: one is unknown or can't be used; one line names it and says what to do.
    """
    _refuse_unknown()
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        known = name in Settings.model_fields or name.upper() in _names()
        message = first["msg"] if known else "there is no such setting; `ridealong settings` lists them"
        raise WrongSetting(f"{_variable(name)}: {message}") from None
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongSetting(
            f"{FILE_VARIABLE}={os.environ.get(FILE_VARIABLE)}: can't be read ({error})"
        ) from None
    _refuse_contradictions(settings)
    return settings


def _refuse_contradictions(settings: Settings) -> None:
    """What is right by itself but can't work: better told at the start than at somebody's first call."""
    database, storage = urlsplit(settings.database_url or ""), urlsplit(settings.storage_url or "")
    try:
        load_framework(settings.framework)
    except UnknownFramework as error:
        raise WrongSetting(f"RIDEALONG_FRAMEWORK: {error}") from None
    if settings.database_url and not database.scheme.startswith(("postgresql", "postgres")):
        raise WrongSetting("DATABASE_URL: give one like postgresql://user:password@host/name")
    if settings.storage_url and not (storage.scheme and (storage.netloc or storage.path.strip("/"))):
        raise WrongSetting("STORAGE_URL: give one like s3://bucket/prefix or file:///folder")
    for name in ("public_url", "oidc_issuer"):
        url = urlsplit(getattr(settings, name) or "https://given.not")
        if url.scheme not in {"http", "https"} or not url.netloc:
            raise WrongSetting(f"{_variable(name)}: give the whole address, like https://calls.example.org")
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        raise WrongSetting("RIDEALONG_OIDC_ISSUER, RIDEALONG_OIDC_CLIENT_ID: give both or neither")
    if not settings.local_passwords and not settings.oidc_issuer:
        raise WrongSetting(
            "RIDEALONG_LOCAL_PASSWORDS: without passwords nobody can sign in; set RIDEALONG_OIDC_ISSUER, too"
        )
    if settings.watch and not settings.watch_owner:
        raise WrongSetting("RIDEALONG_WATCH_OWNER: say by e-mail whose the watched folder's recordings are")


def _refuse_unknown() -> None:
    """A misspelt variable would else be ignored without a word."""
    if (file := os.environ.get(FILE_VARIABLE)) and not Path(file).is_file():
        raise WrongSetting(
            f"{FILE_VARIABLE}={file}: there is no such file; mend the path or unset the variable"
        )
    for name in os.environ:
        if name.startswith(PREFIX) and name not in OTHERS and name not in _names():
            raise WrongSetting(f"{name}: there is no such setting; `ridealong settings` lists them")


def _names() -> frozenset[str]:
    return frozenset(_variable(name) for name in Settings.model_fields)


def _variable(name: str) -> str:
    return name if name.isupper() else f"{PREFIX}{name.upper()}"


def variables(name: str) -> list[str]:
    """The names that a setting can have in the environment, the one that wins first."""
    return [_variable(name), *([name.upper()] if name in {"database_url", "storage_url"} else [])]


def from_file() -> dict[str, Any]:
    """What the file of settings says, if there is one."""
    file = os.environ.get(FILE_VARIABLE)
    return tomllib.loads(Path(file).read_text(encoding="utf-8")) if file else {}


def described(settings: Settings, stored: Collection[str] = ()) -> Iterator[tuple[str, str, str]]:
    """Name, value and source of every setting; secrets are not shown.

    `stored` names those that an administrator changed; `settings` hold their values already.
    """
    file, table = os.environ.get(FILE_VARIABLE), from_file()
    for field in Settings.model_fields:
        value = getattr(settings, field)
        source = next((name for name in variables(field) if name in os.environ), None)
        if source is None and field in stored:
            source = "administrator"
        if source is None and field in table:
            source = file
        yield _variable(field), "" if value is None else _without_password(str(value)), source or "default"


def _without_password(value: str) -> str:
    """A URL with its password left out."""
    head, at, tail = value.rpartition("@")
    if at and "://" in head and ":" in head.split("://", 1)[1]:
        return f"{head.rsplit(':', 1)[0]}:…@{tail}"
    return value
