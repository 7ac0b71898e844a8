"""Data packs in and out: the sciences read the station, and the station loads an exercise."""
