"""How the problems that a route can answer with stand in the API's description."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.problems import MEDIA_TYPE


class ProblemShown(BaseModel):
    """A problem document (RFC 9457); `detail` says what is wrong and what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not found",
                    "status": 404,
                    "detail": "There is no such person.",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` for these statuses, each a problem document.

    Where there is 422, for what is understood but can't be used, there is 400, for what can't even be read.
    """
    schema = ProblemShown.model_json_schema()
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*statuses, *({400} if 422 in statuses else ())})
    }
