"""Lists in, number out: no torch, no model."""
