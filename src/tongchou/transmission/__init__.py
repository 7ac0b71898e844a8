"""What may happen: importation, renewal forecasts and their score."""
