"""Forms of the room: they parse and say what is wrong; the services decide."""
