"""Proposals: what is put before the commander, one file for each matter."""
