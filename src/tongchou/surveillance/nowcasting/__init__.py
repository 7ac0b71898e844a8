"""What has happened and is not reported yet: reporting triangle, chain ladder, Bayesian nowcast."""
