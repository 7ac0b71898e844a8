"""Administration: users and posts of an area, and the audit trail on pages."""
