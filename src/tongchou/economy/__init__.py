"""What stops and restarts: work back, prices, and whether people are paid, visited and rested."""
