"""What a model did, as pictures."""
