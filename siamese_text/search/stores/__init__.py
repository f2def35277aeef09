"""Where the vectors of an index are kept and how the nearest are found: in arrays, exactly, and whatever comes."""
