"""The stochastic epidemic of many places: people who live, commute and travel, and hospitals that can fill up."""
