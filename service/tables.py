"""Every table of the service, for migrations and whoever needs them all at once."""

from service.auth import tables as auth
from service.calls import tables as calls
from service.database import Table
from service.pages import tables as pages
from service.practice import tables as practice
from service.privacy import tables as privacy
from service.reviews import tables as reviews
from service.webhooks import tables as webhooks

__all__ = ["Table", "auth", "calls", "pages", "practice", "privacy", "reviews", "webhooks"]
