"""Chains of transmission: who infected whom, how soon, and how unequally (M043)."""
