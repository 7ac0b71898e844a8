"""Files as people send them: their encoding, their columns, their dates, and what is refused."""
