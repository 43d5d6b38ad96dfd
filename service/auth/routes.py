"""Routes of this slice."""

from fastapi import APIRouter

from service.auth import account_routes, people_routes, sign_in_routes, team_routes

router = APIRouter()
for part in (sign_in_routes, account_routes, people_routes, team_routes):
    router.include_router(part.router)
