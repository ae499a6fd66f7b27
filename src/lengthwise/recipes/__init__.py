"""Problem x model x training, expected score and cost in the docstring."""
