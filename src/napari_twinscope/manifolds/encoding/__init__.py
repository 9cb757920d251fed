"""The chain from responses to an encoding manifold, each step kept in the recording."""
