"""Drawings of results for analysts: one file per kind of result, on one ground."""
