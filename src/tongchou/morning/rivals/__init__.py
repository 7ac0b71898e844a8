"""The outlook's rivals: the transmission engine and the renewal forecast, weighed by how they have done."""
