"""Running the service: health, metrics, logs, limits, and the commands of the database."""
