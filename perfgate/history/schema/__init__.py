"""The tables of a history: one module a version, and the migrations from each to the next."""
