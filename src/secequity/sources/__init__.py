"""Files become checked nouns here, with their provenance; what cannot be read is a problem on the list."""
