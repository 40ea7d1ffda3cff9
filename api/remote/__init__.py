"""``onevisit remote …``: the service used from the command line of a department or a street office."""
