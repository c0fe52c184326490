"""What a service has of its machine: where its files are, the lock, the log, the key for signing."""
