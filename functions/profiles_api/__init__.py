"""People read and edit their profile, addresses, devices and inbox."""
