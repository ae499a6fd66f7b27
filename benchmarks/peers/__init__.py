"""One file per peer, each behind the same `Trainer`; peers are dependencies of the benchmarks only."""
