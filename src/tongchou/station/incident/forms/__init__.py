"""Forms of the incident desk."""
