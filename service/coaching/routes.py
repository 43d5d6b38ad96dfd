"""Routes of this slice."""

from fastapi import APIRouter

from service.coaching import calibration_routes, note_routes, queue_routes

router = APIRouter()
for part in (queue_routes, note_routes, calibration_routes):
    router.include_router(part.router)
