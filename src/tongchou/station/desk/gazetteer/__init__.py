"""Pages of places and units: lists, a page each with a map, and their upkeep."""
