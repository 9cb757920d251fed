"""Stages and populations compared: classification over time, alignment, parts against the whole."""
