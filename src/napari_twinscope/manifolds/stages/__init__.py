"""Stages of a network beside one another and beside biology: every measure in one table, and a report."""
