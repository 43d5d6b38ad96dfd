"""Routes of the settings that an administrator may change while the service runs."""

from dataclasses import replace
from typing import Any, Optional

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, create_model
from sqlalchemy.ext.asyncio import AsyncSession

from service.administration import store
from service.administration.live import fixed_by, kind, shown
from service.auth.permissions import Action
from service.auth.told import told
from service.edge import Db, PartsOf, Signed, check_tag, etag, require
from service.privacy.store import record
from service.problems import Conflict, Unusable
from service.settings import LIVE, Settings

router = APIRouter(tags=["administration"])


class SettingShown(BaseModel):
    """A setting, its value, and who said so: `environment`, `administrator`, `file` or `default`.

    One of the environment can only be changed there.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "blind_share",
                    "value": 0.2,
                    "source": "default",
                    "about": "Share of calls that a reviewer scores without seeing the draft.",
                }
            ]
        }
    )

    name: str
    value: Any
    source: str
    about: str


SettingsEdit = create_model(
    "SettingsEdit",
    __doc__="Settings by name; null takes back what was stored, so that the file or the default holds again.",
    __config__=ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"blind_share": 0.3, "keep_recordings_days": 365}]}
    ),
    **{name: (Optional[kind(name)], None) for name in sorted(LIVE)},  # type: ignore[call-overload]  # noqa: UP045
)


def _at_start(request: Request) -> Settings:
    found: Settings = request.app.state.where[0]
    return found


async def _shown(session: AsyncSession, at_start: Settings) -> list[SettingShown]:
    found = shown(at_start, await store.stored(session))
    return [SettingShown.model_validate(one, from_attributes=True) for one in found]


@router.get("/settings", summary="Settings that can be changed", responses=told(401, 403))
async def settings(request: Request, response: Response, session: Db, who: Signed) -> list[SettingShown]:
    """As they hold now, each with who said so. All others are set where the service is started."""
    require(who, Action.SETTINGS_EDIT)
    response.headers["ETag"] = etag(await store.version(session))
    return await _shown(session, _at_start(request))


@router.patch("/settings", summary="Change settings", responses=told(401, 403, 409, 412, 422, 428))
async def edit_settings(
    body: SettingsEdit,  # type: ignore[valid-type]  # made of the fields of Settings
    request: Request,
    response: Response,
    session: Db,
    who: Signed,
    parts: PartsOf,
) -> list[SettingShown]:
    """Only those that are sent change, from the next request on; other processes follow within seconds."""
    require(who, Action.SETTINGS_EDIT)
    values: dict[str, Any] = body.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
    check_tag(request, await store.version(session, lock=True))
    if not values:
        raise Unusable("Nothing would change; send settings by name, such as blind_share.")
    for name in values:
        if variable := fixed_by(name):
            raise Conflict(
                f"{name}: {variable} in the service's environment sets it; change it there, or take it out."
            )
    before = await store.effective(session, _at_start(request))
    await store.change(session, values)
    after = await store.effective(session, _at_start(request))
    for name in sorted(values):
        record(
            session,
            who,
            "setting.changed",
            name=name,
            before=getattr(before, name),
            after=getattr(after, name),
        )
    request.app.state.parts = replace(parts, settings=after)
    response.headers["ETag"] = etag(await store.version(session))
    return await _shown(session, _at_start(request))
