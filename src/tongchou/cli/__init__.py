"""Faces: parse a command, call one action, print."""

import os

# Matrices here are small and processes many: threads of the linear algebra would mostly wait for each
# other. Whoever knows better sets the variable before.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
