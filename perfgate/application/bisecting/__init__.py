"""Bisecting commits of this repository: `bisection.bisect` for the command line.

`commits` reads the line between the two ends, `duets` measures two of its places on a bench, `followed_row` chooses
what is compared, `unmeasurable` tells which commit has no value of it, and `kept_search` keeps every duet in a file, so
that an interrupted search goes on.
"""
