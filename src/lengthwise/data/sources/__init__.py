"""Where raw text comes from: packages, files, addresses, and the cache they are kept in."""
