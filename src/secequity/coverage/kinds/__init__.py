"""Each kind of layer of a study file, from its files to what it gives every neighbourhood."""
