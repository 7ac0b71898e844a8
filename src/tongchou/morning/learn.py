"""Step eight: what became of yesterday's forecast, scored against persistence."""
