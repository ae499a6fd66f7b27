"""Examples that are computed, not fetched: exact, seeded, and of any length."""
