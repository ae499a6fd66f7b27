"""Modules that know neither problem nor training."""
