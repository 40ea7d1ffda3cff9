"""Routes of the overview of supervision, and of the record behind its figures."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query

from api.access.caller import Caller
from api.dates import day_of
from api.deps import LangOf, Needs, ServicesOf
from api.responses import JSONResponse
from api.supervision.analysis import service
from api.supervision.analysis.schemas import OverviewOut, RecordPage, WeakLinksOut
from api.web import DEFAULT_LIMIT, Cursor, Limit, listed, router
from scheduler.supervision.analysis.figures import FIGURES
from scheduler.supervision.analysis.marks import Dimension

routes = router("/overview", "overview")
weak_routes = router("/weak-links", "overview")
Reader = Annotated[Caller, Depends(Needs("overview", "read"))]
Ident = Annotated[str | None, Query(max_length=200)]
First = Annotated[str, Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="first date", examples=["2026-10-01"])]
Last = Annotated[
    str, Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="last date, within a year", examples=["2026-12-31"])
]
_FIGURE = f"^({'|'.join(FIGURES)})$"


def _asked(
    first: First,
    last: Last,
    by: Annotated[Dimension, Query(description="what the groups are")] = Dimension.CITY,
    authority_id: Ident = None,
    street_id: Ident = None,
) -> service.Asked:
    days = day_of(first, "query", "first"), day_of(last, "query", "last")
    return service.asked(*days, by, {"authority_id": authority_id, "street_id": street_id})


AskedOf = Annotated[service.Asked, Depends(_asked)]


@routes.get("", operation_id="get_overview", response_model=OverviewOut)
def get_overview(services: ServicesOf, caller: Reader, lang: LangOf, wanted: AskedOf) -> JSONResponse:
    """Add up a period by region, industry, authority or week: a department its own, a street office its streets."""
    with services.store.reading() as connection:
        return JSONResponse(service.overview(connection, caller, wanted, lang))


@routes.get("/records", operation_id="list_overview_records", response_model=RecordPage)
def list_records(
    services: ServicesOf,
    caller: Reader,
    wanted: AskedOf,
    figure: Annotated[str, Query(pattern=_FIGURE, description="name of the figure", examples=["doors"])],
    group: Annotated[str | None, Query(max_length=200, description="of the overview; none: the total")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the entries behind a figure: what they add is the figure."""
    with services.store.reading() as connection:
        return listed(service.records(connection, caller, wanted, group, figure, limit, cursor))


@weak_routes.get("", operation_id="list_weak_links", response_model=WeakLinksOut)
def list_weak_links(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    first: First,
    last: Last,
    by: Annotated[Literal["authority", "street"], Query(description="which bodies")] = "authority",
) -> JSONResponse:
    """Compare bodies with the whole city, for their size: a department sees itself, a street office its streets."""
    days = day_of(first, "query", "first"), day_of(last, "query", "last")
    wanted = service.asked(*days, Dimension(by), {})
    with services.store.reading() as connection:
        return JSONResponse(service.weak_links(connection, caller, wanted, lang))
