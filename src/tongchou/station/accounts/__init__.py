"""Accounts: users, their posts, how they sign in."""
