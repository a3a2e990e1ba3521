"""The web pages of HR, agents and administrators. Every page stands in the table below, with who may come."""

from __future__ import annotations

from starlette.routing import BaseRoute

from workbot.console import campaigns, definitions, home, journey_actions, journeys, people, requests, surveys, waves
from workbot.console.access import (
    follows_journeys,
    follows_surveys,
    has_a_part,
    launches_surveys,
    runs_journeys,
    sections,
    sees_definitions,
    sees_delivery,
    sees_people,
    works_requests,
)
from workbot.console.page_context import Page, route
from workbot.platforms import Host

__all__ = ["PAGES", "console_routes", "sections"]

JOURNEY = "/console/journeys/{id:uuid}"
DEFINITION = "/console/definitions/{kind}/{name}"
WAVE = "/console/surveys/{name}/{number:int}"

PAGES = (
    Page("/console", home.one, has_a_part),
    Page("/console/surveys", surveys.listing, follows_surveys),
    Page("/console/surveys/{name}/launch", surveys.confirm_launch, launches_surveys),
    Page("/console/surveys/{name}/launch", surveys.launch, launches_surveys, method="POST"),
    Page(WAVE, waves.one, follows_surveys),
    Page(f"{WAVE}/report.{{format}}", waves.download, follows_surveys),
    Page(f"{WAVE}/close", waves.confirm_close, launches_surveys),
    Page(f"{WAVE}/close", waves.close, launches_surveys, method="POST"),
    Page("/console/journeys", journeys.listing, follows_journeys),
    Page("/console/journeys/start", journey_actions.ask, runs_journeys),
    Page("/console/journeys/start", journey_actions.start, runs_journeys, method="POST"),
    Page(JOURNEY, journeys.one, follows_journeys),
    Page(f"{JOURNEY}/step", journey_actions.tick, follows_journeys, method="POST"),
    Page(f"{JOURNEY}/move", journey_actions.move, runs_journeys, method="POST"),
    Page(f"{JOURNEY}/people", journey_actions.change_people, runs_journeys, method="POST"),
    Page(f"{JOURNEY}/cancel", journey_actions.cancel, runs_journeys, method="POST"),
    Page("/console/requests", requests.listing, works_requests),
    Page("/console/requests/{reference}", requests.one, works_requests),
    Page("/console/requests/{reference}/{verb}", requests.act, works_requests, method="POST"),
    Page("/console/people", people.listing, sees_people),
    Page("/console/people/{id:uuid}", people.one, sees_people),
    Page("/console/campaigns", campaigns.listing, sees_delivery),
    Page("/console/campaigns/{key:path}/retry", campaigns.retry, sees_delivery, method="POST"),
    Page("/console/campaigns/messages/{id:int}/{verb}", campaigns.act, sees_delivery, method="POST"),
    Page("/console/definitions", definitions.listing, sees_definitions),
    Page(DEFINITION, definitions.one, sees_definitions),
    Page(f"{DEFINITION}/turn", definitions.turn, sees_definitions, method="POST"),
    Page(f"{DEFINITION}/draft", definitions.decide, sees_definitions, method="POST"),
    Page("/console/{rest:path}", home.nowhere, has_a_part),
    Page("/console/{rest:path}", home.nowhere, has_a_part, method="POST"),
)


def console_routes(host: Host) -> list[BaseRoute]:
    """The console as the web application serves it."""
    return [route(host, page) for page in PAGES]
