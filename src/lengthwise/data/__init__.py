"""Source → examples → codecs → shards → batches."""
