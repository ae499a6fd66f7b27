"""Sources of texts and their trees."""
