"""Words that an epidemiologist, an economist and a planner share."""
