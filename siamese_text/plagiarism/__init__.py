"""A folder of documents becomes findings: which passages two documents share, and how surely."""
