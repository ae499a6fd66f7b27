"""Side by side with peers: one command each, ratios printed."""
