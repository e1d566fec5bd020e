"""What explanations rest on, for `explaining` to take.

`profiling` plays pairs under profilers, `querying` reads which queries ran beside them, `commit_changes` asks git what
the commits changed, and `differing` finds what else differs between the sides.
"""
