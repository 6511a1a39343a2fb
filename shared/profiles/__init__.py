"""How people want to be named, served and reached: profile, preferences, addresses, devices, inbox."""
