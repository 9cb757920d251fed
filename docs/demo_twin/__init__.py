"""What the demonstration twin is worth: recordings, scores and figures behind docs/demo-twin.md."""
