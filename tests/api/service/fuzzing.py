"""Passes of schemathesis over a service, the same in every run, and a service with something in every table."""

from __future__ import annotations

import io
import sys
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.hooks import HookContext
from schemathesis.openapi.checks import RejectedPositiveData

from api.bodies import CSV, XLSX, ZIP
from api.notices.outbox import WEBHOOK, note_failed, take
from api.notices.telling import tell
from tests.api.service.carrying import carry_out_all
from tests.api.service.client import Client
from tests.api.service.noticing import plan, put_in_force, visit
from tests.api.service.samples import NEW
from tests.api.service.world import HORIZON, Service, item

SEED = 20_260_901
LIKELY = 0.75
"""Share of the values that are drawn from those of :data:`VALUES`; the others are whatever fits the schema."""

UNSAYABLE = {
    "invalid_cursor": "a cursor is one of ours, or it is not",
    "bad_json": "NUL characters, which every text of a JSON schema may hold",
    "bad_request": "a parameter that another one makes necessary; NUL characters in an address",
}
"""Problem codes of status 400 that requests may meet which fit their schema, and why no schema can say so."""

CHECKS: Mapping[str, Any] = {
    # Most objects are everybody's to see by design; test_rows.py says which are not.
    "object_level_authorization": {"enabled": False},
    # 412: another version than the present one.
    "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "409", "412", "415", "422"]},
    # 422: what a schema does not know of, such as references, and dates that do not fit each other.
    "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "412", "422"]},
}
"""Beyond the defaults, by which every check is on but for ``max_response_time``: that is for ``benchmarks/``."""

OPERATIONS: Sequence[Mapping[str, Any]] = (
    # A run that was stopped is kept, with what it has found.
    {"include-operation-id": ["get_run", "watch_run"], "checks": {"use_after_free": {"enabled": False}}},
)

VALUES: Mapping[tuple[str, ...], Sequence[str | int]] = {
    ("body.district_id",): ("D1", "D2", "D9"),
    ("body.visit", "query.visit_id"): ("E1", "E2"),
    ("body.street_id", "query.street_id"): ("S1", "S2", "S9"),
    ("body.authority_id", "query.authority_id", "body.authority"): ("A1", "A2", "A9"),
    ("body.enterprise_id", "query.enterprise_id", "body.items[*].enterprise_id"): ("E1", "E3", "E9"),
    ("body.horizon_id", "query.horizon_id", "path.horizon_id"): (HORIZON, HORIZON, "2027Q1"),
    ("body.area_id", "query.area_id"): ("S1", "D1", "*"),
    ("body.shift_id",): ("AM", "PM", "EV"),
    ("body.received",): ("2026-08-31",),
    ("body.date", "query.date", "body.closing_date"): ("2026-10-08", "2026-10-20", "2026-12-18"),
    ("body.start", "body.from", "body.valid_from", "body.items[*].earliest"): ("2026-10-01", "2026-10-08"),
    ("body.end", "body.to", "body.valid_to", "body.items[*].latest"): ("2026-12-18", "2026-12-31"),
    ("body.open_from", "body.shifts[*].start"): ("08:30", "09:00"),
    ("body.open_to", "body.shifts[*].end"): ("18:00", "19:00"),
    ("body.items[*].priority",): ("normal", "high", "mandatory"),
    ("body.items[*].duration_min",): (1, 30, 240),
    ("body.rule",): ("monthly:1-5", "2026-10-20..2026-10-24"),
    ("body.usci",): ("91350100M000100Y43",),
    ("header.If-Match",): ('"1"', "*"),
    ("path.account_id",): ("supervisor", "planner"),
    ("path.key_id",): ("key-supervisor", "key-planner"),
    ("path.enterprise_id",): ("E1", "E2"),
    ("path.rule_id",): ("repeat_60", "cap_80"),
}
"""Values that fit each other by the places where they are used: with others, hardly a row refers to one that is
there."""

ADDED = (
    "missing_crews", "cancelled_shifts", "preferred_pins", "absences", "recusals", "authority_items", "delegations"
)  # fmt: skip
"""Registers to which one row is added: the world has none."""

KEYS: Mapping[str, Sequence[str]] = {
    "districts": ("D1", "D2"),
    "streets": ("S1", "S3"),
    "authorities": ("A1", "A3"),
    "enterprises": ("E1", "E6"),
    "officers": ("P1", "P2"),
    "laws": ("L1",),
    "inspection_items": ("SC-01",),
    **dict.fromkeys(("crews", "history", "quiet", "pins", "shifts", "caps"), ("1", "2")),
    **dict.fromkeys(ADDED, ("1",)),
}
"""Rows of every register of the world."""


@dataclass(frozen=True, kw_only=True)
class Inhabited:
    """A service with something in every table, and where to find it: values by places."""

    service: Service
    values: Mapping[tuple[str, ...], Sequence[str | int]]


def inhabit(service: Service) -> Inhabited:
    """Submit plans, approve some, start runs and carry out some; have files to be sent drawn from its exports."""
    admin = service.administrator
    plans = [
        _submit(service, service.department_a1, [item("X1", "E1"), item("X2", "E2", crews=1, trigger="campaign")]),
        _submit(service, service.department_a2, [item("Y1", "E2"), item("Y2", "E3", latest="2026-10-09")]),
    ]
    drafts = [service.submit(service.department_a1, [item("X3", "E4")], code="draft")["plan"]["plan_id"]]
    run = {"horizon_id": HORIZON, "level": "street", "area_id": "S1", "limits": {"iterations": 20}}
    runs = [admin.post("/runs", json=run).json()["run_id"] for _ in range(2)]
    carry_out_all(service)
    runs.append(admin.post("/runs", json=run).json()["run_id"])
    schedules = [s["schedule_id"] for s in admin.get("/schedules").json()["items"]]
    assert len(schedules) == 2
    _draw_files_from(admin, schedules[0])
    for register in ADDED:
        assert admin.post(f"/{register}", json=NEW[register]).status_code == 201
    draws = [_committed(admin, kind) for kind in ("targets", "officers", "targets")]
    targets = {"area_id": "S1", "authority_id": "A1", "strata": [{"ratio": 1}], "duration_min": 30}
    assert admin.post(f"/draws/{draws[0]}/targets", json=targets).status_code == 200
    notice_id = _told(service)
    leads = [_reported(service, authority_id) for authority_id in ("A1", "A2")]
    proposals = admin.get("/proposals", params={"horizon_id": HORIZON}).json()["items"]
    values = {
        ("path.notice_id",): [notice_id],
        ("path.delivery_id",): [f"{notice_id}.webhook"],
        ("path.plan_id",): [*drafts, *plans],
        ("path.lead_id",): leads,
        ("path.proposal_id",): [p["proposal_id"] for p in proposals],
        ("path.run_id",): runs,
        ("path.schedule_id", "query.other", "body.schedule_id"): schedules,
        ("path.draw_id",): draws,
    }
    return Inhabited(service=service, values=values)


def _told(service: Service) -> str:
    """Have E5 told of a visit; what goes to the city platform of it was given up. Return the notice."""
    platform = {"webhook_url": "http://127.0.0.1:9", "webhook_secret": SecretStr("a secret of the city")}
    settings = service.app.state.services.settings.model_copy(update={"notice_days": 60, **platform})
    plan(service.store, "N1", "E5")
    put_in_force(service.store, 1, [visit("2026-10-20", "N1", enterprise_id="E5")], street_id="S3")
    assert tell(service.store, settings, 10) == 1
    (parcel,) = take(service.store, WEBHOOK, "fuzzing", 1)
    assert note_failed(service.store, parcel, "status 400", for_good=True, attempts=1)
    assert service.administrator.put("/contacts/E1", json={"email": "a@example.com"}).status_code == 201
    return str(parcel.notice["notice_id"])


def _submit(service: Service, client: Client, items: Sequence[Mapping[str, Any]]) -> str:
    plan_id = str(service.submit(client, items)["plan"]["plan_id"])
    assert client.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}).status_code == 200
    return plan_id


def _reported(service: Service, authority_id: str) -> str:
    lead = {"enterprise_id": "E1", "source": "12345", "received": "2026-08-31", "text": "fuzzing"}
    answer = service.administrator.post("/leads", json={**lead, "authority_id": authority_id})
    return str(answer.json()["lead_id"])


def _committed(client: Client, kind: str) -> str:
    body = {"kind": kind, "purpose": "fuzzing", "horizon_id": HORIZON}
    return str(client.post("/draws", json=body).json()["draw_id"])


def _draw_files_from(client: Client, schedule_id: str) -> None:
    """Have bodies that are files drawn from exports: whole, cut short, or from nowhere."""
    archives = [
        client.get(f"/schedules/{schedule_id}/export", params={"formats": "none"}).content,
        client.get("/exports/case", params={"horizon_id": HORIZON, "area_id": "S1"}).content,
        _archive({"visits.csv": b"visit_id\n1\n"}),
    ]
    samples = {CSV: [], XLSX: [], ZIP: archives}
    for media_type, name in ((CSV, "csv"), (XLSX, "xlsx")):
        for table in ("crews", "streets"):
            samples[media_type].append(client.get(f"/exports/registers/{table}", params={"format": name}).content)
    for media_type, files in samples.items():
        cut = st.builds(lambda f, n: f[: n % (len(f) + 1)], st.sampled_from(files), st.integers(0, 1 << 20))
        schemathesis.openapi.media_type(media_type, st.sampled_from(files) | cut | st.binary(max_size=50))
        schemathesis.serializer(media_type)(_as_it_is)


def _archive(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def _as_it_is(context: schemathesis.SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@dataclass
class Found:
    """What passes found: failures by check, operation and title; statuses; operations that were carried out."""

    failures: dict[tuple[str, str, str], str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)

    def add(self, event: events.EngineEvent) -> None:
        """Take in what the engine tells."""
        match event:
            case events.FatalError():
                raise event.exception
            case events.NonFatalError():
                self.failures[event.label, str(event.phase), type(event.value).__name__] = str(event.value)
            case events.EngineFinished():
                assert event.stop_reason == "completed"
                self.failures |= {("run", f.title, ""): f.message for f in event.failures}
            case events.ScenarioFinished():
                self._add_scenario(event)

    def _add_scenario(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        for case_id, checks in recorder.checks.items():
            for failed in (c.failure_info for c in checks if c.failure_info is not None):
                answer = recorder.interactions[case_id].response
                said = "no answer" if answer is None else f"{answer.status_code} {answer.text[:1000]}"
                place = (type(failed.failure).__name__, str(failed.failure.operation), failed.failure.title)
                self.failures.setdefault(place, f"{failed.failure.message}\n{failed.code_sample}\n{said}")
        for case_id, interaction in recorder.interactions.items():
            if interaction.response is not None:
                self.statuses[interaction.response.status_code] += 1
                if interaction.response.status_code < 300 and case_id in recorder.cases:
                    operation = recorder.cases[case_id].value.operation
                    self.reached.add(operation.definition.raw["operationId"])

    def report(self) -> str:
        """Return every failure in words."""
        return "\n\n".join(f"{': '.join(place)}\n{text}" for place, text in self.failures.items())


def send(
    inhabited: Inhabited, client: Client, *, phases: Sequence[str], examples: int, tag: str | None = None
) -> Found:
    """Send what schemathesis thinks of, as one caller.

    Parameters
    ----------
    phases : of the engine: examples, coverage, fuzzing, stateful.
    examples : requests of an operation, or for stateful sequences.
    tag : operations of this tag only.
    """
    drawn = "coverage" not in phases
    config = schemathesis.Config.from_dict(_config(inhabited, client, examples, tag, drawn=drawn))
    schema = schemathesis.openapi.from_asgi("/openapi.json", inhabited.service.app, config=config)
    schema.config.phases.update(phases=list(phases))
    schema.hooks.hook("filter_failure")(_is_fault_of_ours)
    schema.config.phases.coverage.unexpected_methods = {"patch", "trace"}
    found, interval = Found(), sys.getswitchinterval()
    sys.setswitchinterval(0.001)  # client and service take turns at every request
    try:
        for event in from_schema(schema).execute():
            found.add(event)
    finally:
        sys.setswitchinterval(interval)
    return found


def _config(inhabited: Inhabited, client: Client, examples: int, tag: str | None, *, drawn: bool) -> dict[str, Any]:
    """Return the configuration; where values are not `drawn`, as coverage does not draw any, places have the first."""
    words: dict[str, Any] = {}

    def value(name: str, values: Sequence[str | int]) -> Any:
        words[name] = {"values": list(values)}
        return {"dictionary": name, "probability": LIKELY} if drawn else values[0]

    known = {**VALUES, **inhabited.values}
    places = {p: value(k[0], v) for k, v in known.items() for p in k if drawn or p.startswith("path.")}
    operations = list(OPERATIONS)
    for register, keys in KEYS.items():
        operations.append(
            {"include-path": f"/{register}/{{key}}", "parameters": {"path.key": value(register, keys)}},
        )
    if not drawn:  # a row that takes the place of another is judged as a new one is, whose boundaries are looked at
        operations.append({"include-name-regex": r"^PUT /[a-z]+/\{key\}$", "enabled": False})
    if tag is not None:
        operations.append({"exclude-tag": tag, "enabled": False})
    return {
        "seed": SEED,
        "headers": client.headers,
        "continue-on-failure": True,
        "max-stream-events": 1,  # a run that nobody carries out has events for ever
        "generation": {"deterministic": True, "database": "none", "no-shrink": True, "max-examples": examples},
        "dictionaries": words,
        "parameters": places,
        "operations": operations,
        "checks": CHECKS,
    }


def _is_fault_of_ours(context: HookContext, failure: Failure, case: Any, response: Any) -> bool:
    if isinstance(failure, RejectedPositiveData) and response.status_code == 400:
        return response.json()["code"] not in UNSAYABLE
    return True


@schemathesis.hook("before_call")
def _spare_the_caller(context: HookContext, case: Any, kwargs: Any) -> None:
    """Turn what would close the account of the caller, or revoke its key, to another account."""
    if case.path_parameters.get("account_id") == "administrator" and case.method in ("PUT", "DELETE"):
        case.path_parameters["account_id"] = "planner"
