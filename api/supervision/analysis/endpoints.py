"""Routes of the overview of supervision, and of the record behind its figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from api.access.caller import Caller
from api.dates import day_of
from api.deps import LangOf, Needs, ServicesOf
from api.responses import JSONResponse
from api.supervision.analysis import service
from api.supervision.analysis.schemas import OverviewOut, RecordPage
from api.web import DEFAULT_LIMIT, Cursor, Limit, listed, router
from scheduler.supervision.analysis.figures import FIGURES
from scheduler.supervision.analysis.marks import Dimension

routes = router("/overview", "overview")
Reader = Annotated[Caller, Depends(Needs("overview", "read"))]
Ident = Annotated[str | None, Query(max_length=200)]
_FIGURE = f"^({'|'.join(FIGURES)})$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"


def _asked(
    first: Annotated[str, Query(pattern=_DATE, description="first date of the period", examples=["2026-10-01"])],
    last: Annotated[str, Query(pattern=_DATE, description="last date, within a year", examples=["2026-12-31"])],
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
