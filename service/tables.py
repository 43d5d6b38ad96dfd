"""Every table of the service, for migrations and whoever needs them all at once."""

from service.agreement import tables as agreement
from service.auth import tables as auth
from service.calls import tables as calls
from service.calls import waveforms
from service.coaching import tables as coaching
from service.database import Table
from service.learning import tables as learning
from service.notice import tables as notice
from service.practice import tables as practice
from service.privacy import tables as privacy
from service.reviews import tables as reviews
from service.webhooks import tables as webhooks

__all__ = [
    "Table",
    "agreement",
    "auth",
    "calls",
    "coaching",
    "learning",
    "notice",
    "practice",
    "privacy",
    "reviews",
    "waveforms",
    "webhooks",
]
