"""Running text: encyclopedia, documentation, programs, and your own files."""
