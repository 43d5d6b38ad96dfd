"""The page of settings that an administrator changes while the service runs, and of what goes by age."""

from typing import Any

from fastapi import APIRouter, Response

from service.administration import routes as settings_api
from service.administration.routes import SettingsEdit
from service.auth.permissions import Action
from service.edge import require
from service.pages import html
from service.pages.setting_fields import AGES, GROUPS, changes, shortens, written
from service.pages.visits import Visit, Visiting, as_edit, shaped
from service.privacy import keeping_routes, retention

router = APIRouter(include_in_schema=False)


@router.get("/settings")
async def show(visiting: Visiting) -> Response:
    """For administrators: every setting that can be changed here, who said so, and what is due to go."""
    return await _page(visiting)


@router.post("/settings")
async def edit(visiting: Visiting) -> Response:
    """Change what the form changes; what deletes calls sooner is asked once more."""
    require(visiting.who, Action.SETTINGS_EDIT)
    form = await visiting.fields()
    request = as_edit(visiting.request, form.get("version"))
    held = await settings_api.settings(request, Response(), visiting.session, visiting.who)
    wanted = changes(held, form)
    if not wanted:
        return html.back("/settings", "unchanged")
    body = shaped(SettingsEdit, wanted)
    ages = {one.name: one.value for one in held if one.name in AGES}
    at_start = visiting.request.app.state.where[0]
    after = {name: value or getattr(at_start, name) for name, value in wanted.items() if name in AGES}
    if shortens(ages, after) and "confirmed" not in form:
        return await _page(visiting, form, going=await _going(visiting, after))
    await settings_api.edit_settings(
        body, request, Response(), visiting.session, visiting.who, visiting.parts
    )
    return html.back("/settings", "saved")


async def _going(visiting: Visit, ages: dict[str, Any]) -> dict[str, int]:
    """How many recordings and calls would go at once by other ages."""
    return await retention.waiting(visiting.session, visiting.parts.settings.model_copy(update=ages), 0)


async def _page(
    visiting: Visit, form: dict[str, str] | None = None, going: dict[str, int] | None = None
) -> Response:
    """The page as settings hold, or as a form has them that is to be confirmed."""
    tag = Response()
    held = await settings_api.settings(visiting.request, tag, visiting.session, visiting.who)
    found = {one.name: one for one in held}
    on = {name for name, one in found.items() if (one.value is True if form is None else name in form)}
    groups = [
        {
            "id": key,
            "title": title,
            "fields": [
                {
                    "field": field,
                    "now": found[field.name],
                    "choice": isinstance(found[field.name].value, bool),
                    "on": field.name in on,
                    "value": written(field, found[field.name].value)
                    if form is None or field.name not in form
                    else form[field.name],
                }
                for field in fields
            ],
        }
        for key, title, fields in GROUPS
    ]
    return visiting.page(
        "settings.html",
        groups=groups,
        going=going,
        version=form.get("version", "") if form else tag.headers["ETag"].strip('"'),
        kept=await keeping_routes.retention_now(visiting.session, visiting.who, visiting.parts),
    )
