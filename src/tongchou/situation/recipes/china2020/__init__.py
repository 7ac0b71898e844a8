"""The first real case: China, January to May 2020, from public sources."""
