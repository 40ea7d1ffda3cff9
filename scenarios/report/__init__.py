"""What planners see of a comparison of scenarios: charts, a workbook, one page, a long table."""
