"""The frozen picture at a cut-off: contracts, packs, as-of, provenance, corrections."""
