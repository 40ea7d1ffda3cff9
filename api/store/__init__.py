"""All SQL: tables, connections, the unit of work, pages, the audit chain, migrations."""
