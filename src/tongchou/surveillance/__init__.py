"""What is happening: rates, growth, reproduction number, delays, early signs."""
