"""Stimuli as points and trajectories in activity space."""
