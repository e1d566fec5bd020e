"""The history: one SQLite file of runs, that merges by union and lives in git.

Others take `store` (open, save, read), `stored` and `values` (what it gives back), `ids`, `rows` for the time in a
text, and for the commands `checking`, `finding`, `merging`, `pruning`, `size` and the room `git`. `histogram_codec`,
`opening`, `reading`, `schema`, `sqlite_errors` and `transaction` serve these.
"""
