"""Known truth coming back, and answers beside the reference implementations: printed, not asserted in passing."""
