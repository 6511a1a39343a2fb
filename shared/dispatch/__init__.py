"""Who carries an order: drivers, offers to them, and the one who takes it."""
