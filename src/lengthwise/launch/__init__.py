"""The same runs, started elsewhere or many at a time."""
