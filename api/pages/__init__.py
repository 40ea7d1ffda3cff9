"""Web pages for people: server-rendered, in Chinese and English, without JavaScript and without a build step.

A feature that has pages takes these steps:

- its routes are of ``page_router("/part")`` (:mod:`api.pages.rendering`), each with ``Needs(resource, action)`` as any
  other route; the prefix is added to ``PREFIXES`` (:mod:`api.pages.paths`), so that errors under it are pages too;
- a route returns ``page(request, "part/name.html", title=TITLE, **facts)``; templates lie in ``templates/part/``,
  begin with ``{% extends "base.html" %}`` and fill ``{% block main %}``; texts are :class:`scheduler.texts.Text` in
  Python beside the route, handed in as facts and said by the filter ``{{ TEXT|say }}`` or ``{{ TEXT|say(day=x) }}``;
- a form is posted to a route that takes ``form: FormOf`` (:mod:`api.pages.forms`), a mapping of text to text; fields
  are drawn by the macros of ``fields.html`` (`text`, `area`, `choice`, `hidden`, `summary`), which need ``errors``, a
  mapping of field name to :class:`Text`; with errors the page is returned again with ``status=422``; after a change
  ``see_other(path)`` leads on, so that a page loaded again changes nothing;
- links of the navigation stand in ``LINKS`` (:mod:`api.pages.navigation`), by role.

A page runs no script and loads nothing from elsewhere: its policy (``POLICY``) lets the browser do neither. Changes
by session are taken from our own pages only (``Sec-Fetch-Site``), which browsers tell over HTTPS and on localhost.
"""
