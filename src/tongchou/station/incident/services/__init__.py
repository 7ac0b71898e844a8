"""What the incident desk does: each function checks the gate, writes and notes."""
