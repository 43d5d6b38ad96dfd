"""What running the command gives back."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple


class Outcome(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaints(self) -> list[str]:
        lines = self.err.splitlines()
        assert all(line.startswith("ridealong: ") for line in lines), self.err
        return [line.removeprefix("ridealong: ") for line in lines]


Run = Callable[..., Outcome]
