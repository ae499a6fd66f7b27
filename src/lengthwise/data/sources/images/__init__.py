"""Images: digits, clothes, clip art, and your own folders."""
