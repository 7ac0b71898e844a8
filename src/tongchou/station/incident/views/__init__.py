"""Pages of the incident desk."""
