"""The exercise: an invented outbreak in a real province, for a machine that has no data at all."""

from tongchou.situation.exercise.whole import exercise, make

__all__ = ["exercise", "make"]
