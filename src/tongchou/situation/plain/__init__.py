"""Plain files in and out: counts and line lists as an office keeps them, results as tidy tables."""
