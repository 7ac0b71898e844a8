"""Calibration of the engine on reported counts: an iterated ensemble adjustment Kalman smoother, and a second opinion."""
