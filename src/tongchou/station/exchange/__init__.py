"""Exchange: tables, FHIR bundles and data packs in and out."""
