"""How quickly cases pass from step to step: delays as distributions, the days lost, the cases that are late."""
