"""Who may do what: accounts and their keys, roles (pycasbin), and which rows of each table a caller sees."""
