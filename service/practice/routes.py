"""Routes of practice: scenarios and their examples, a rep's attempts at them, a coach's decision."""

from fastapi import APIRouter

from service.practice import attempt_routes, example_routes, scenario_routes

router = APIRouter()
for part in (scenario_routes, example_routes, attempt_routes):
    router.include_router(part.router)
