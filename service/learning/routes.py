"""Routes of this slice."""

from fastapi import APIRouter

from service.learning import rescoring_routes, run_routes

router = APIRouter()
for part in (run_routes, rescoring_routes):
    router.include_router(part.router)
