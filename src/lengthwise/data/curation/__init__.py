"""Finding and dropping what should not be learned from."""
