"""The records of the incident desk."""
