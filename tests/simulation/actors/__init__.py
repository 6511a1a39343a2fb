"""Who acts: customers, merchants, drivers, and the scheduler's jobs."""
