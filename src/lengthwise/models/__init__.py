"""One file = one architecture: config, presets, module, decode state."""
