"""People are told what happened to their orders."""
