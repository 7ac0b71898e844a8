"""Early warning: counts above what is usual, clusters in space and time, and silence."""
