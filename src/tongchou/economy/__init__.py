"""What stops and restarts: work back, staff-weighted and chain-weighted."""
