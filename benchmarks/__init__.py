"""What `make bench` runs: speed as a ratio against a peer measured in the same run."""
