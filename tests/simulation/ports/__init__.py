"""What production code takes for Firestore, the bus, the queues, Redis, the gateway and the phones."""
