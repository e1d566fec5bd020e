"""perfgate.toml: `values` has its settings and their defaults, `reading` makes them of a file (load_config).

`margins_file` writes margins into it. All mistakes of a file come at once.
"""
