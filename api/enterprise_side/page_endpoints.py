"""Pages of the enterprise side: the same content as the routes under ``/my``, and complaints without a login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from api.access.caller import Caller
from api.deps import Needs, Services, ServicesOf, request_id
from api.enterprise_side import complaints, contents, ratings, slots, texts
from api.enterprise_side.coming import coming, coming_visit, own_enterprise
from api.enterprise_side.endpoints import today_text
from api.enterprise_side.past import past
from api.errors import Refusal
from api.pages.forms import FormOf
from api.pages.rendering import page, page_router, see_other
from scheduler.domain.fieldwork.kinds import ComplaintKind
from scheduler.texts import Text

routes = page_router("/enterprise")
complaint_routes = page_router("/complaint")
Visits = Annotated[Caller, Depends(Needs("own_visits", "read"))]
Chooser = Annotated[Caller, Depends(Needs("own_slots", "write"))]
Rater = Annotated[Caller, Depends(Needs("own_ratings", "write"))]
Complainer = Annotated[Caller, Depends(Needs("own_complaints", "write"))]
Reader = Annotated[Caller, Depends(Needs("own_contents", "read"))]
Ident = Annotated[str, Query(max_length=100)]
_MAX_COMMENT = 500


@routes.get("")
def coming_page(request: Request, services: ServicesOf, caller: Visits) -> Response:
    """Show the visits that are coming."""
    with services.store.reading() as connection:
        found = coming(connection, own_enterprise(caller), today_text(services))
    return page(request, "enterprise/coming.html", title=texts.COMING, w=texts.WORDS, visits=found)


@routes.get("/slot")
def slot_page(request: Request, services: ServicesOf, caller: Visits, visit: Ident) -> Response:
    """Show the slots that may be wished for."""
    return _slot_page(request, services, caller, visit)


def _slot_page(request: Request, services: ServicesOf, caller: Caller, visit_id: str, **more: Any) -> Response:
    today = today_text(services)
    with services.store.reading() as connection:
        visit = coming_visit(connection, own_enterprise(caller), today, visit_id)
        offered = slots.offers(connection, visit, today)
    facts: dict[str, Any] = {
        "visit": visit,
        "slots": [f"{s['date']} {s['shift_id']}" for s in offered],
        "w": texts.WORDS,
    }
    return page(request, "enterprise/slot.html", title=texts.SLOTS, **facts, **more)


@routes.post("/slot")
def choose(request: Request, services: ServicesOf, caller: Chooser, form: FormOf) -> Response:
    """Keep the slot that was chosen."""
    visit_id, mine, today = form.get("visit", ""), own_enterprise(caller), today_text(services)
    date, _, shift_id = form.get("slot", "").partition(" ")
    try:
        with services.store.writing(caller.account_id, request_id()) as work:
            visit = coming_visit(work.connection, mine, today, visit_id)
            slot = {"date": date, "shift_id": shift_id}
            slots.choose(work, visit, slot, mine, today, services.store.new_id())
    except Refusal as refusal:
        if refusal.code != "slot_not_offered":
            raise
        return _slot_page(request, services, caller, visit_id, errors={"slot": texts.CHOOSE_ONE}, status=422)
    return see_other("/enterprise")


@routes.get("/past")
def past_page(request: Request, services: ServicesOf, caller: Visits) -> Response:
    """Show past visits and their results."""
    with services.store.reading() as connection:
        doors = past(connection, own_enterprise(caller))
    words: dict[str, Any] = {
        "w": texts.WORDS,
        "results": texts.RESULTS,
        "scans": texts.SCANS,
        "leniency": texts.LENIENCY,
        "rate": texts.RATE,
    }
    return page(request, "enterprise/past.html", title=texts.PAST, doors=doors, **words)


@routes.get("/rating")
def rating_page(request: Request, services: ServicesOf, caller: Visits, door: Ident) -> Response:
    """Show the form that rates a visit."""
    with services.store.reading() as connection:
        if all(d["door"] != door for d in past(connection, own_enterprise(caller))):
            raise Refusal("not_found", what="door")
    return _rating_page(request, door)


def _rating_page(request: Request, door: str, **more: Any) -> Response:
    facts: dict[str, Any] = {"door": door, "questions": texts.QUESTIONS, "scores": texts.SCORES, "w": texts.WORDS}
    return page(request, "enterprise/rating.html", title=texts.RATE, **facts, **more)


@routes.post("/rating")
def rate(request: Request, services: ServicesOf, caller: Rater, form: FormOf) -> Response:
    """Keep a rating."""
    scores = {q: form.get(q, "") for q in ratings.QUESTIONS}
    errors = {q: texts.CHOOSE_ONE for q, score in scores.items() if score not in dict(texts.SCORES)}
    comment = form.get("comment") or None
    if comment is not None and len(comment) > _MAX_COMMENT:
        errors["comment"] = texts.TOO_LONG.filled(limit=_MAX_COMMENT)
    if errors:
        return _rating_page(request, form.get("door", ""), form=form, errors=errors, status=422)
    with services.store.writing(complaints.ANONYMOUS) as work:
        given = {q: int(score) for q, score in scores.items()}
        ratings.rate(work, own_enterprise(caller), form.get("door", ""), given, comment)
    return see_other("/enterprise/thanks")


@routes.get("/thanks")
def thanks_page(request: Request, caller: Visits) -> Response:
    """Show that a rating has come in."""
    return page(request, "enterprise/thanks.html", title=texts.THANKS, w=texts.WORDS)


@routes.get("/guidance")
def guidance_page(request: Request, services: ServicesOf, caller: Reader) -> Response:
    """Show what is published for the enterprise's industry and for all."""
    with services.store.reading() as connection:
        found = contents.for_enterprise(connection, own_enterprise(caller), today_text(services))
    shown = [
        {
            "kind": c["kind"],
            "since": c["published_from"],
            "title": Text(c["title_zh"], c["title_en"]),
            "blocks": {lang: list(contents.blocks_of(c[f"body_{lang}"])) for lang in ("zh", "en")},
        }
        for c in found
    ]
    facts: dict[str, Any] = {"contents": shown, "kinds": texts.CONTENT_KINDS, "w": texts.WORDS}
    return page(request, "enterprise/guidance.html", title=texts.GUIDANCE, **facts)


@routes.get("/complaint")
def own_complaint_page(request: Request, services: ServicesOf, caller: Complainer) -> Response:
    """Show the form of a complaint in the enterprise's name."""
    return _complaint_page(request, services, texts.COMPLAINT, is_named=True)


@routes.post("/complaint")
def file_own(request: Request, services: ServicesOf, caller: Complainer, form: FormOf) -> Response:
    """Keep a complaint in the enterprise's name."""
    errors = _complaint_errors(form)
    if errors:
        return _complaint_page(request, services, texts.COMPLAINT, is_named=True, form=form, errors=errors, status=422)
    with services.store.writing(caller.account_id, request_id()) as work:
        receipt = complaints.file(
            work, ComplaintKind(form["kind"]), form["text"], own_enterprise(caller), form.get("authority_id") or None
        )
    return _receipt_page(request, receipt)


@complaint_routes.get("/new")
def complaint_page(request: Request, services: ServicesOf) -> Response:
    """Show the form of an anonymous complaint; nobody is asked who reads it."""
    return _complaint_page(request, services, texts.ANONYMOUS, is_named=False)


@complaint_routes.post("/new")
def file_anonymous(request: Request, services: ServicesOf, form: FormOf) -> Response:
    """Keep an anonymous complaint; a session is not looked at."""
    errors = _complaint_errors(form)
    if errors:
        return _complaint_page(request, services, texts.ANONYMOUS, is_named=False, form=form, errors=errors, status=422)
    with services.store.writing(complaints.ANONYMOUS) as work:
        receipt = complaints.file(
            work, ComplaintKind(form["kind"]), form["text"], None, form.get("authority_id") or None
        )
    return _receipt_page(request, receipt)


@complaint_routes.get("/follow")
def follow_page(request: Request) -> Response:
    """Show the form that asks for a receipt."""
    return _follow_page(request)


@complaint_routes.post("/follow")
def follow(request: Request, services: ServicesOf, form: FormOf) -> Response:
    """Show how far a complaint has got; the receipt is in no address."""
    with services.store.reading() as connection:
        found = complaints.follow(connection, form.get("receipt", "")[:200])
    if found is None:
        return _follow_page(request, errors={"receipt": texts.UNKNOWN_RECEIPT}, status=422)
    return _follow_page(request, found=found)


def _follow_page(request: Request, **more: Any) -> Response:
    words: dict[str, Any] = {"w": texts.WORDS, "states": texts.STATES, "kinds": texts.COMPLAINT_KINDS}
    return page(request, "enterprise/follow.html", title=texts.FOLLOW, **{"found": None, **words, **more})


def _complaint_page(request: Request, services: Services, title: Text, *, is_named: bool, **more: Any) -> Response:
    with services.store.reading() as connection:
        about = [("", texts.WORDS["about_none"]), *complaints.bodies(connection)]
    facts: dict[str, Any] = {
        "kinds": texts.COMPLAINT_KINDS,
        "is_named": is_named,
        "w": texts.WORDS,
        "max": complaints.MAX_TEXT,
        "about": about,
    }
    return page(request, "enterprise/complaint.html", title=title, **facts, **more)


def _receipt_page(request: Request, receipt: str) -> Response:
    return page(request, "enterprise/receipt.html", title=texts.RECEIVED, status=201, receipt=receipt, w=texts.WORDS)


def _complaint_errors(form: Mapping[str, str]) -> dict[str, Text]:
    errors = {}
    if form.get("kind") not in texts.COMPLAINT_KINDS:
        errors["kind"] = texts.CHOOSE_ONE
    if not 0 < len(form.get("text", "")) <= complaints.MAX_TEXT:
        errors["text"] = texts.TOO_LONG.filled(limit=complaints.MAX_TEXT)
    return errors
