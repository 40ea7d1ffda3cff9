"""Exports: registers as CSV or workbook, a whole case as a folder in a zip archive."""
