"""Planning horizons: the span, its calendar, shifts and rules, and the date until which departments may submit."""
