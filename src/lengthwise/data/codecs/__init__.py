"""Between what a source holds and what a model reads."""
