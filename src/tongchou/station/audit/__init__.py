"""Audit: what was done and what was read, in a chain that shows tampering."""
