"""What explanations rest on, for `explaining` to take: what else differs between the sides (`differing`)."""
