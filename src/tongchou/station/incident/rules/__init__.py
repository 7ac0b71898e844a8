"""Rules of the incident desk that need no database."""
