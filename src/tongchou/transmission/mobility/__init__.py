"""Who goes where: daily flows between places, models where none were counted, layers for the engine, lines of defence."""
