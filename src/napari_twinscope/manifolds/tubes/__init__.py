"""How tightly trajectories run together: tubularity."""
