"""From a model to its outputs: greedy, sampling, beam search, one shot; knows no model but the contracts."""
