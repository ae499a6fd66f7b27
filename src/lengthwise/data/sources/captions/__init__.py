"""Images with what they show in words: stamps, clip art, and your own folders."""
