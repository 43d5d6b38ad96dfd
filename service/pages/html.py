"""Pages as HTML: templates, what every page is given, the headers that go with it."""

import datetime as dt
import hashlib
import secrets
import zoneinfo
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

STATIC = Path(__file__).parent / "static"
SAID = {
    "saved": "Saved.",
    "unchanged": "Nothing was different, so nothing is changed.",
    "learning": "A worker learns from the reviews; load this page again in a minute or two.",
    "in_use": "It is in use from the next call on; drafts that are there stay as they are.",
    "rescoring": "The calls are scored anew when nothing else waits; load this page again to follow.",
    "password": "Your password is changed; other sign-ins have ended.",
    "added": "Added.",
    "removed": "Removed.",
    "tried": "A test message is on its way; load this page again in a moment to see whether it arrived.",
    "started": "The analysis goes on.",
    "stopped": "The analysis is stopped; what was finished stays.",
    "held": "The call is on hold: nothing deletes it until that is lifted.",
    "lifted": "The hold is lifted.",
    "deleted": "The call and everything of it is deleted.",
    "submitted": "Submitted; it is waiting for your coach.",
    "retired": "The scenario is retired.",
    "contested": "The score is contested; somebody other than who gave it decides.",
}
"""What a page says after a change, by the word in its address: nothing from the address itself is shown."""


STAGES = {
    "decode": "reading the sound",
    "recognise": "recognising words",
    "diarise": "telling voices apart",
    "annotate": "finding evidence",
    "score": "drafting scores",
}
"""What a worker is at, in words; `progress.js` says the same."""


def clock(seconds: float | None) -> str:
    """Seconds as m:ss or h:mm:ss; empty when not known."""
    if seconds is None:
        return ""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def day(when: dt.date | None) -> str:
    """A day as 5 Mar 2026, which nobody reads the wrong way round."""
    return "" if when is None else f"{when.day} {when:%b %Y}"


def moment(when: dt.datetime | None, zone: str) -> str:
    """A moment in somebody's time zone, as 5 Mar 2026, 14:05."""
    if when is None:
        return ""
    local = when.astimezone(zoneinfo.ZoneInfo(zone))
    return f"{day(local.date())}, {local:%H:%M}"


@cache
def asset(name: str) -> str:
    """The address of a static file; another content has another address, so browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


def has(name: str) -> bool:
    """Whether a front-end library was installed; without it a page works as without JavaScript."""
    return (STATIC / "lib" / name).is_file()


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("service.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"asset": asset, "has": has, "visit": None, "said": None}
    made.filters |= {
        "clock": clock,
        "day": day,
        "moment": moment,
        "stage": lambda name: STAGES.get(name, name or ""),
    }
    return made


def answer(template: str, *, status: int = 200, said: str | None = None, **values: Any) -> HTMLResponse:
    """A page; `said` is a word of `SAID`."""
    nonce = secrets.token_urlsafe(16)
    text = _templates().get_template(template).render(nonce=nonce, said=SAID.get(said or ""), **values)
    return HTMLResponse(text, status_code=int(status), headers=_headers(nonce))


def _headers(nonce: str) -> dict[str, str]:
    # The player puts its styles into a shadow root, with the nonce.
    policy = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"media-src 'self' blob:; style-src 'self' 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Vary": "Cookie",
    }


def back(path: str, said: str | None = None) -> RedirectResponse:
    """Send the browser to a page after a change."""
    head, _, fragment = path.partition("#")
    query = f"{'&' if '?' in head else '?'}said={said}" if said else ""
    return RedirectResponse(f"{head}{query}{'#' if fragment else ''}{fragment}", status_code=303)
