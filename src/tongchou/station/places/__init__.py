"""Places down to the grid, and the units that work in them."""
