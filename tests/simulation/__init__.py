"""A month in the life of a gate, on a fake clock: people in many zones, changes, absences and outages; `make simulate`."""
