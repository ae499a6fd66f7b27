"""Recorded speech with what is said in it: games, telephone prompts, and your own."""
