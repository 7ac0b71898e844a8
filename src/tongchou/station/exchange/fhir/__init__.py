"""Cases and samples as FHIR R4 bundles, in and out."""
