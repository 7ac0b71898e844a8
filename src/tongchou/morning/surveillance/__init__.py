"""What surveillance adds to the counts: onsets not yet reported, chains, severity, alerts."""
