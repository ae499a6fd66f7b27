"""Fits a model to batches: one step, one loop, checkpoints that survive anything."""
