"""Where the vectors of an index are kept and how the nearest are found: in one array, in several files, exactly."""
