"""Pages of the room: parse, call a service, render."""
