"""Routes of the enterprise side, and of supervisors who answer complaints and read ratings."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from api.access.caller import Caller
from api.clock import day
from api.deps import Needs, Services, ServicesOf, request_id
from api.enterprise_side import complaints, ratings, slots
from api.enterprise_side.coming import coming, coming_visit, own_enterprise
from api.enterprise_side.past import past
from api.enterprise_side.schemas import (
    AnswerIn,
    ComingList,
    ComplaintIn,
    ComplaintOut,
    ComplaintPage,
    DoorList,
    RatingIn,
    RatingPage,
    ReceiptOut,
    SlotIn,
    SlotList,
    SlotOut,
    SummaryList,
)
from api.responses import JSONResponse
from api.web import DEFAULT_LIMIT, ETAG, Cursor, IfMatch, Limit, listed, one, router, version_of

routes = router("/my", "my")
complaint_routes = router("/complaints", "complaints")
rating_routes = router("/ratings", "ratings")
Visits = Annotated[Caller, Depends(Needs("own_visits", "read"))]
Chooser = Annotated[Caller, Depends(Needs("own_slots", "write"))]
Rater = Annotated[Caller, Depends(Needs("own_ratings", "write"))]
Complainer = Annotated[Caller, Depends(Needs("own_complaints", "write"))]
Reader = Annotated[Caller, Depends(Needs("complaints", "read"))]
Answerer = Annotated[Caller, Depends(Needs("complaints", "write"))]
Ratings = Annotated[Caller, Depends(Needs("ratings", "read"))]
Summaries = Annotated[Caller, Depends(Needs("rating_summaries", "read"))]
Ident = Annotated[str, Path(max_length=100)]


def today_text(services: Services) -> str:
    """Return today's date in China."""
    return day(services.store.instant())


@routes.get("/visits", operation_id="list_my_visits", response_model=ComingList)
def list_visits(services: ServicesOf, caller: Visits) -> JSONResponse:
    """List the announced visits that are coming to the caller's enterprise."""
    with services.store.reading() as connection:
        return JSONResponse({"items": coming(connection, own_enterprise(caller), today_text(services))})


@routes.get("/visits/{visit_id}/slots", operation_id="list_my_slots", response_model=SlotList)
def list_slots(services: ServicesOf, caller: Visits, visit_id: Ident) -> JSONResponse:
    """List the dates and shifts that may be wished for; none is promised."""
    today = today_text(services)
    with services.store.reading() as connection:
        visit = coming_visit(connection, own_enterprise(caller), today, visit_id)
        return JSONResponse({"items": slots.offers(connection, visit, today)})


@routes.put("/visits/{visit_id}/slot", operation_id="choose_my_slot", response_model=SlotOut)
def choose_slot(services: ServicesOf, caller: Chooser, visit_id: Ident, body: SlotIn) -> JSONResponse:
    """Wish for a slot: the next plan or a move by the street office may follow it."""
    mine, today = own_enterprise(caller), today_text(services)
    with services.store.writing(caller.account_id, request_id()) as work:
        visit = coming_visit(work.connection, mine, today, visit_id)
        slots.choose(work, visit, body.model_dump(), mine, today, services.store.new_id())
    return JSONResponse(body.model_dump())


@routes.get("/past-visits", operation_id="list_my_past_visits", response_model=DoorList)
def list_past(services: ServicesOf, caller: Visits) -> JSONResponse:
    """List the inspections that the caller's enterprise has had, with their results."""
    with services.store.reading() as connection:
        return JSONResponse({"items": past(connection, own_enterprise(caller))})


@routes.post("/complaints", operation_id="file_my_complaint", status_code=201, response_model=ReceiptOut)
def file_complaint(services: ServicesOf, caller: Complainer, body: ComplaintIn) -> JSONResponse:
    """Complain in the name of the caller's enterprise; without a name this is done at /complaint/new."""
    with services.store.writing(caller.account_id, request_id()) as work:
        receipt = complaints.file(work, body.kind, body.text, own_enterprise(caller), body.authority_id, body.street_id)
    return JSONResponse({"receipt": receipt}, status_code=201)


@routes.post("/ratings", operation_id="rate_my_visit", status_code=204)
def rate(services: ServicesOf, caller: Rater, body: RatingIn) -> Response:
    """Rate a past visit, once; nothing that is kept leads from the rating to the caller."""
    with services.store.writing(complaints.ANONYMOUS) as work:
        ratings.rate(work, own_enterprise(caller), body.door, body.scores.model_dump(), body.comment or None)
    return Response(status_code=204)


@complaint_routes.get("", operation_id="list_complaints", response_model=ComplaintPage)
def list_complaints(
    services: ServicesOf,
    caller: Reader,
    state: Annotated[str | None, Query(pattern="^(open|answered|closed)$")] = None,
    enterprise_id: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List complaints, the oldest first."""
    filters = {"state": state, "enterprise_id": enterprise_id}
    with services.store.reading() as connection:
        return listed(complaints.listing(connection, filters, limit, cursor))


@complaint_routes.get(
    "/{complaint_id}", operation_id="get_complaint", response_model=ComplaintOut, responses={200: {"headers": ETAG}}
)
def get_complaint(services: ServicesOf, caller: Reader, complaint_id: Ident) -> JSONResponse:
    """Read a complaint."""
    with services.store.reading() as connection:
        return one(complaints.find(connection, complaint_id))


@complaint_routes.put(
    "/{complaint_id}/answer",
    operation_id="answer_complaint",
    response_model=ComplaintOut,
    responses={200: {"headers": ETAG}},
)
def answer_complaint(
    services: ServicesOf, caller: Answerer, complaint_id: Ident, body: AnswerIn, if_match: IfMatch = None
) -> JSONResponse:
    """Answer a complaint, and close it if that is all; whoever holds the receipt reads the answer."""
    with services.store.writing(caller.account_id, request_id()) as work:
        version = version_of(if_match)
        return one(complaints.answer(work, complaint_id, body.answer, closes=body.closes, version=version))


@rating_routes.get("", operation_id="list_ratings", response_model=RatingPage)
def list_ratings(
    services: ServicesOf, caller: Ratings, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> JSONResponse:
    """List ratings with their comments."""
    with services.store.reading() as connection:
        return listed(ratings.listing(connection, limit, cursor))


@rating_routes.get("/summary", operation_id="summarise_ratings", response_model=SummaryList)
def summarise(
    services: ServicesOf, caller: Summaries, quarter: Annotated[str, Query(pattern="^20[0-9]{2}Q[1-4]$")]
) -> JSONResponse:
    """Return the mean scores of a quarter that has ended, of authorities and streets with five ratings or more."""
    with services.store.reading() as connection:
        return JSONResponse({"items": ratings.summary(connection, caller, quarter, today_text(services))})
