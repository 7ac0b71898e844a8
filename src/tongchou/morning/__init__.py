"""The main job: data to 24:00 in, an order of the day out."""
