"""The application: routes, guards and errors put together; :func:`create_app` is what a server runs."""

from __future__ import annotations

from pathlib import Path

import fastapi_offline
from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api import errors
from api.access import endpoints as access
from api.access import oidc
from api.alerts import endpoints as alerts
from api.audit import endpoints as audit
from api.codes import endpoints as codes
from api.deps import Services
from api.draws import endpoints as draws
from api.enterprise_side import content_endpoints as contents
from api.enterprise_side import endpoints as enterprise_side
from api.enterprise_side import page_endpoints as enterprise_pages
from api.exports import endpoints as exports
from api.fieldwork import endpoints as fieldwork
from api.fieldwork import page_endpoints as officer_pages
from api.horizons import endpoints as horizons
from api.ids import new_id
from api.imports import endpoints as imports
from api.leads import endpoints as leads
from api.machine import versions
from api.notices import endpoints as notices
from api.openapi import Application
from api.operations import endpoints as operations
from api.operations.guards import Guards
from api.operations.observe import Metrics, Observe
from api.outcomes import endpoints as outcomes
from api.pages import endpoints as pages
from api.plans import endpoints as plans
from api.proposals import endpoints as proposals
from api.reference import endpoints as reference
from api.runs import endpoints as runs
from api.scenarios import endpoints as scenarios
from api.schedules import endpoints as schedules
from api.schedules import explaining_endpoints as explaining
from api.schedules import living_endpoints as living
from api.settings import Settings
from api.store.work import Store
from api.supervision.analysis import endpoints as analysis
from api.supervision.warnings import endpoints as warnings

_ASSETS = Path(fastapi_offline.__file__).parent / "static"
_MB = 1 << 20
_UPLOADS = ("/imports", "/schedules")
_ROUTES = (
    operations.routes,
    access.me_routes,
    access.routes,
    audit.routes,
    horizons.routes,
    *reference.all_routes(),
    plans.routes,
    plans.item_routes,
    outcomes.routes,
    alerts.routes,
    alerts.rule_routes,
    warnings.routes,
    warnings.rule_routes,
    analysis.routes,
    analysis.weak_routes,
    imports.routes,
    exports.routes,
    runs.routes,
    schedules.routes,
    living.routes,
    explaining.routes,
    schedules.publication_routes,
    draws.routes,
    scenarios.routes,
    fieldwork.scan_routes,
    fieldwork.entry_routes,
    fieldwork.event_routes,
    fieldwork.task_routes,
    codes.routes,
    codes.officer_routes,
    pages.routes,
    enterprise_side.routes,
    enterprise_side.complaint_routes,
    enterprise_side.rating_routes,
    contents.routes,
    contents.own_routes,
    officer_pages.routes,
    officer_pages.code_routes,
    enterprise_pages.routes,
    enterprise_pages.complaint_routes,
    notices.own_routes,
    notices.routes,
    notices.delivery_routes,
    notices.contact_routes,
    notices.own_calendar_routes,
    notices.calendar_routes,
    leads.routes,
    proposals.routes,
    proposals.rule_routes,
)


def create_app(settings: Settings, store: Store) -> FastAPI:
    """Return the application on an open, migrated database."""
    app = Application(
        title="onevisit 综合查一次",
        version=versions().get("onevisit", "0"),
        summary="Joint inspections: departments submit plans, street offices solve and publish.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = Services(settings=settings, store=store)
    app.state.metrics = Metrics()
    errors.install(app)
    pages.install(app)
    for routes in _ROUTES:
        app.include_router(routes)
    oidc.install(app, settings)
    app.mount("/static", StaticFiles(directory=_ASSETS), name="static")
    app.add_api_route("/docs", _docs, include_in_schema=False, response_class=HTMLResponse)

    def body_limit(path: str) -> int:
        mb = settings.max_upload_mb if path.startswith(_UPLOADS) else settings.max_body_mb
        return round(mb * _MB)

    app.add_middleware(Guards, body_limit=body_limit, rate_limit=settings.rate_limit)
    app.add_middleware(Observe, metrics=app.state.metrics)
    app.add_middleware(
        CorrelationIdMiddleware,
        header_name="X-Request-ID",
        generator=new_id,
        validator=_is_id,
        update_request_header=True,
    )
    return app


def _is_id(text: str) -> bool:
    return 0 < len(text) <= 64 and text.isascii() and all(c.isalnum() or c in "-_." for c in text)


def _docs() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="onevisit",
        swagger_js_url="/static/swagger-ui-bundle.js",
        swagger_css_url="/static/swagger-ui.css",
        swagger_favicon_url="/static/favicon.png",
    )
