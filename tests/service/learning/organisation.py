"""An organisation in the database that scores a point harsher than our readers, by reviews of many calls."""

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from psycopg.types.json import Jsonb

from models.framework import load_framework
from models.heads import load_heads
from tests.service.people import People
from training.datasets import scored_calls
from training.organisations import organisations, reviews
from training.score_data import Scored, from_kept
from training.scorer import guess


@dataclass
class Organisation:
    """A team with a manager, a coach and a rep, and an administrator."""

    people: People
    team: uuid.UUID
    manager: uuid.UUID
    coach: uuid.UUID
    rep: uuid.UUID
    administrator: uuid.UUID


def founded(people: People) -> Organisation:
    team = people.team()
    made = Organisation(
        people,
        team,
        people.person("Mara", manager=team),
        people.person("Cleo", coach=team),
        people.person("Rae", rep=team),
        people.person("Ada", administrator=True),
    )
    people.assign(made.coach, made.rep)
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    return made


@cache
def harsher(count: int) -> tuple[Scored, ...]:
    """So many calls of ours, reviewed by somebody who is a point harsher than our readers."""
    ours = list(from_kept(call for call in scored_calls() if not call.held_out))
    organisation = organisations(load_framework(), ours, 0)[0]
    pool = {item.call: item for item in ours}
    return tuple(reviews(organisation, pool, count, np.random.default_rng(0)))


def confirmed(calls: Sequence[Scored], framework: str) -> list[Scored]:
    """Reviews of the same calls in which people say what the shipped weights say: nothing can be better."""
    chosen = load_framework(framework)
    heads, each = load_heads(chosen), {item.call: item for item in calls}
    return [
        replace(item, dimension=one.id, value=guess(heads.of(one.id), one, [item])[0].value)
        for item in each.values()
        for one in chosen.dimensions
    ]


def reviewed(
    organisation: Organisation, given: Iterable[Scored], framework: str = "default", seed: int = 0
) -> list[uuid.UUID]:
    """The calls of these reviews, with a scoring each, reviewed by the coach. The same ids every time."""
    people, draw = organisation.people, random.Random(seed)  # noqa: S311
    calls: dict[str, tuple[uuid.UUID, uuid.UUID]] = {}
    for item in given:
        if item.call not in calls:
            found = uuid.UUID(int=draw.getrandbits(128))
            people.call(organisation.team, organisation.rep, id=found, framework=framework, title=item.call)
            calls[item.call] = found, people.scoring(found, {})
        call, scoring = calls[item.call]
        people.insert(
            "review",
            call_id=call,
            scoring_id=scoring,
            dimension=item.dimension,
            reviewer_id=organisation.coach,
            value=item.value,
            blind=False,
            reason="",
            features=Jsonb(dict(item.features)),
        )
    return [call for call, _ in calls.values()]
