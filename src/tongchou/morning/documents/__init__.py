"""The order as ink: page, Word document, bulletin, open data and JSON; looks, never numbers."""
