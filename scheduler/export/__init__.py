"""Export: a schedule as folder, workbook, calendar and day sheets."""
