"""The desk: inbox, lists, search, looks."""
