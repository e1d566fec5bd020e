"""Files that say which versions of which libraries a program has, one module for each family of formats: `toml_locks`,
`json_locks`, `line_locks`, `requirements` and `maven`. `commits` tells two commits of one version apart.

A reader takes the text of a file and answers with versions by the names of packages; ValueError, or what Python raises
of data that has another shape, where the file is broken.
"""
