"""Cases, from report to release (G3)."""
