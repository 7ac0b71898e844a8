"""Other people's engines, each in a script that runs in the environment where they are installed."""
