"""How received files become a data pack: one folder for each pack."""
