"""What is remembered: the archive of papers and editions, and the ledger of deliveries."""
