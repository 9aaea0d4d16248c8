"""The demonstration model of metropolitan Ayacucho: everything in it is drawn from a seed, nothing is surveyed."""
