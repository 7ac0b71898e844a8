"""What to do with scarce things: supplies, beds, patients and transfers."""
