"""perfgate: a CI performance gate for HTTP services."""
