"""Pages of officers: today's visits, the scan at the door, results, the scan out, their own code; and open codes."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from pydantic import ValidationError

from api.access.caller import Caller, Role
from api.clock import day, minute
from api.codes.endpoints import base_of
from api.codes.service import enterprise_of, officer_code, officer_shown, read_officer_code
from api.codes.sheets import address_of, qr_svg
from api.codes.tokens import token_in
from api.deps import Needs, Services, ServicesOf, authenticate, request_id
from api.errors import Refusal
from api.fieldwork import entering, leaving, reading, texts
from api.fieldwork.once import carry_out
from api.fieldwork.schemas import DepartureIn, ResultsIn, ScanIn
from api.pages.forms import FormOf
from api.pages.rendering import lang_of, page, page_router, see_other
from api.store.schema import enterprises
from scheduler.domain.fieldwork.kinds import EntryPath
from scheduler.texts import Text

routes = page_router("/officer")
code_routes = page_router()
Tasked = Annotated[Caller, Depends(Needs("tasks", "read"))]
Scanner = Annotated[Caller, Depends(Needs("scans", "write"))]
Reader = Annotated[Caller, Depends(Needs("entries", "read"))]
Shower = Annotated[Caller, Depends(Needs("officer_code", "show"))]
EnterpriseReader = Annotated[Caller, Depends(Needs("officer_code", "read"))]
EntryId = Annotated[str, Path(max_length=64)]
TokenText = Annotated[str, Path(max_length=200)]
_SEPARATORS = re.compile(r"[\s;；,，]+")


@routes.get("")
def tasks_page(request: Request, services: ServicesOf, caller: Tasked) -> Response:
    """Show today's visits."""
    with services.store.reading() as connection:
        found = reading.tasks(connection, caller, day(services.store.instant()))
    return page(request, "officer/tasks.html", title=texts.TASKS, w=texts.WORDS, tasks=found, states=texts.STATES)


@routes.get("/scan")
def typed_page(caller: Tasked, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Lead from a code that was typed to its page."""
    return see_other(f"/c/{token_in(token)}") if token.strip() else see_other("/officer")


@routes.post("/scan")
def scan(request: Request, services: ServicesOf, caller: Scanner, form: FormOf) -> Response:
    """Answer a scan."""
    lang, said = lang_of(request), _scan_said(form, services)
    try:
        body = ScanIn.model_validate(said)
        found = carry_out(
            services,
            caller,
            "scan_in",
            body.event_id,
            body.model_dump(mode="json"),
            lambda work, sent: entering.scan_in(services, work, caller, body, sent, lang),
        )
    except ValidationError as error:
        wrong = {str(e["loc"][0]): texts.WORDS["wrong"] for e in error.errors()}
        return _scan_page(request, services, form.get("token", ""), form=form, errors=wrong, status=422)
    except Refusal as refusal:
        if refusal.code != "invalid":
            raise
        wrong = {str(p.column): Text(*p.expected) for p in refusal.problems}
        return _scan_page(request, services, form.get("token", ""), form=form, errors=wrong, status=422)
    if found.body["allowed"] and not found.body["faults"]:
        return see_other(f"/officer/entries/{found.body['entry_id']}")
    facts: dict[str, Any] = {"w": texts.WORDS, "found": found.body}
    return page(request, "officer/answer.html", title=texts.SCAN, **facts)


def _scan_said(form: Mapping[str, str], services: Services) -> dict[str, Any]:
    said: dict[str, Any] = {n: form[n] for n in ("event_id", "token", "path", "reason", "approval_no") if form.get(n)}
    said["officer_ids"] = [o for o in _SEPARATORS.split(form.get("officer_ids", "")) if o]
    said["items"] = [i for i in _SEPARATORS.split(form.get("items", "")) if i]
    if form.get("entered_at"):
        said["entered_at"] = f"{day(services.store.instant())}T{form['entered_at']}:00+08:00"
    return said


@routes.get("/entries/{entry_id}")
def entry_page(
    request: Request,
    services: ServicesOf,
    caller: Reader,
    entry_id: EntryId,
    item: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Show an entry with a form for the result of an item: the one asked for, or the first without a result."""
    return _entry_page(request, services, caller, entry_id, item=item)


def _entry_page(request: Request, services: Services, caller: Caller, entry_id: str, **more: Any) -> Response:
    with services.store.reading() as connection:
        entry = reading.find(connection, caller, entry_id)
        mine = enterprises.select().where(enterprises.c.enterprise_id == entry["enterprise_id"])
        name = connection.execute(mine).mappings().one()["name"]
    told = {r["item_id"]: r for r in entry["results"]}
    facts: dict[str, Any] = {
        "w": texts.WORDS,
        "entry": entry,
        "enterprise": name,
        "told": told,
        "results": texts.RESULTS,
        "scans": texts.SCANS,
        "states": texts.STATES,
        "leniency": texts.LENIENCY,
        "event_id": services.store.new_id(),
    }
    facts |= more
    facts["item"] = facts["item"] or next((i for i in entry["item_ids"] if i not in told), None)
    return page(request, "officer/entry.html", title=texts.ENTRY, **facts)


@routes.post("/entries/{entry_id}/results")
def result(request: Request, services: ServicesOf, caller: Scanner, entry_id: EntryId, form: FormOf) -> Response:
    """Store the result of one item."""
    try:
        body = ResultsIn.model_validate({"event_id": form.get("event_id"), "results": [_result_said(form)]})
    except ValidationError as error:
        wrong = {str(e["loc"][-1]): texts.WORDS["wrong"] for e in error.errors()}
        return _entry_page(
            request, services, caller, entry_id, form=form, errors=wrong, item=form.get("item_id"), status=422
        )
    try:
        carry_out(
            services,
            caller,
            "results",
            body.event_id,
            {"entry_id": entry_id, **body.model_dump(mode="json")},
            lambda work, sent: leaving.tell_results(services, work, caller, entry_id, body, sent),
        )
    except Refusal as refusal:
        if refusal.code != "invalid":
            raise
        wrong = {str(p.column).rpartition(".")[2]: Text(*p.expected) for p in refusal.problems}
        return _entry_page(
            request, services, caller, entry_id, form=form, errors=wrong, item=form.get("item_id"), status=422
        )
    return see_other(f"/officer/entries/{entry_id}")


def _result_said(form: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {n: form[n] for n in ("item_id", "result", "due", "case_no", "note") if form.get(n)}
    if form.get("leniency"):
        said["leniency"] = {"list": form["leniency"]}
        if form.get("leniency_code"):
            said["leniency"]["code"] = form["leniency_code"]
        if form.get("yuan", "").isdecimal():
            said["leniency"]["yuan"] = int(form["yuan"])
        elif form.get("yuan"):
            said["leniency"]["yuan"] = form["yuan"]
    return said


@routes.post("/entries/{entry_id}/departure")
def departure(services: ServicesOf, caller: Scanner, entry_id: EntryId, form: FormOf) -> Response:
    """Scan out."""
    body = DepartureIn(event_id=form.get("event_id") or services.store.new_id())
    carry_out(
        services,
        caller,
        "departure",
        body.event_id,
        {"entry_id": entry_id, **body.model_dump(mode="json")},
        lambda work, sent: leaving.depart(services, work, caller, entry_id, body, sent),
    )
    return see_other(f"/officer/entries/{entry_id}")


@routes.get("/code")
def code_page(request: Request, caller: Shower) -> Response:
    """Show the button that makes a code."""
    return page(request, "officer/code.html", title=texts.MY_CODE, w=texts.WORDS, picture=None, until=None)


@routes.post("/code")
def show_code(request: Request, services: ServicesOf, caller: Shower, form: FormOf) -> Response:
    """Show a new code of the officer."""
    with services.store.writing(caller.account_id, request_id()) as work:
        found = officer_code(services.store, work, services.settings, str(caller.officer_id))
    svg = qr_svg(address_of(base_of(services, request), found["token"]))
    picture = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    facts: dict[str, Any] = {"w": texts.WORDS, "picture": picture, "until": _local(found["expires_at"])}
    return page(request, "officer/code.html", title=texts.MY_CODE, **facts)


def _local(stored: str) -> str:
    """Return a stored instant as date and time in China."""
    hours, minutes = divmod(minute(stored), 60)
    return f"{day(stored)} {hours:02d}:{minutes:02d}"


# --- what a scanned code shows ---


def _reader(request: Request) -> Caller | None:
    """Return who reads an open page, if anybody is logged in."""
    try:
        return authenticate(request)
    except Refusal:
        return None


@code_routes.get("/c/{token}")
def scanned_page(request: Request, services: ServicesOf, token: TokenText) -> Response:
    """Show what a supervision code opens: the scan to officers, the way to its pages to the enterprise itself."""
    caller = _reader(request)
    if caller is not None and caller.role is Role.OFFICER:
        return _scan_page(request, services, token)
    with services.store.reading() as connection:
        owner = enterprise_of(connection, services.settings, token)
    is_own = caller is not None and caller.enterprise_id == owner
    facts: dict[str, Any] = {"w": texts.WORDS, "is_own": is_own, "token": token_in(token)}
    return page(request, "officer/scanned.html", title=texts.CODE, **facts)


def _scan_page(request: Request, services: Services, token: str, **more: Any) -> Response:
    with services.store.reading() as connection:
        owner = enterprise_of(connection, services.settings, token_in(token))
        mine = enterprises.select().where(enterprises.c.enterprise_id == owner)
        name = connection.execute(mine).mappings().one()["name"]
    facts: dict[str, Any] = {
        "w": texts.WORDS,
        "enterprise": name,
        "token": token_in(token),
        "paths": texts.PATHS,
        "event_id": services.store.new_id(),
        "form": {"path": EntryPath.PLANNED.value},
    }
    return page(request, "officer/scan.html", title=texts.SCAN, **{**facts, **more})


@code_routes.get("/o/{token}")
def officer_page(request: Request, services: ServicesOf, token: TokenText) -> Response:
    """Show to anybody who an officer is; to an enterprise also the way to the items of its entry."""
    caller = _reader(request)
    with services.store.reading() as connection:
        found = officer_shown(connection, services.settings, token, services.store.instant())
    found["shown_at"] = found["shown_at"] and _local(found["shown_at"])
    is_enterprise = caller is not None and caller.role is Role.ENTERPRISE
    facts: dict[str, Any] = {"w": texts.WORDS, "found": found, "token": token_in(token), "is_enterprise": is_enterprise}
    return page(request, "officer/identity.html", title=texts.OFFICER, items=None, **facts)


@routes.post("/identity")
def identity(request: Request, services: ServicesOf, caller: EnterpriseReader, form: FormOf) -> Response:
    """Show to an enterprise who stands at its door, and the items of today's entry."""
    token = token_in(form.get("token", ""))
    with services.store.writing(caller.account_id, request_id()) as work:
        found = read_officer_code(work, services.settings, str(caller.enterprise_id), token)
    facts: dict[str, Any] = {"w": texts.WORDS, "found": found, "token": token, "is_enterprise": False}
    return page(request, "officer/identity.html", title=texts.OFFICER, items=found["items"], **facts)
