"""Reference data: the registers that plans are made from, with the same five routes each."""
