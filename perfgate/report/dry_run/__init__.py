"""What a gate would do, before it does it: as `values`, in `words` on a terminal, and `plain` for machines."""
