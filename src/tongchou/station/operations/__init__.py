"""The engine room: serve, doctor, backup, restore, upgrade."""
