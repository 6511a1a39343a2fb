"""Stand-ins for the companies Waybill buys from: they keep state and misbehave when told to."""
