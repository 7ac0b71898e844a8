"""Faces: parse a command, call one action, print."""
