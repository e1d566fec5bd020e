"""Bisecting: which commit of a line made the change between its two ends, told by duets that err. Pure.

A line (`commit_line`) has a place for each commit, from 0, the good end. Duets of two places are trials; `reading`
makes of each how far its two commits lie apart, and how sure that is. `belief` says from all readings which commit did
it, and whether one alone did (with `cholesky`); `pairing` which two commits to measure next; `search` when it is over,
and with what `finding`. `beside_service` knows the paths of a repository that no service is made of.

Others call `oracle.find`, with an oracle that measures, and make a `bisection.Bisection` of what it finds.
"""
