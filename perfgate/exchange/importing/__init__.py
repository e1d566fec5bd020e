"""Importing: from a file of another tool to runs. A fact that the file does not have stays None; nothing is made up.

source (the bytes) -> formats (which kind of file they are) -> a module for each kind of file -> parsed_run (the runs as
the file describes them) -> assembling (the runs as a history holds them).

Other rooms take read_file, FORMATS and Imported (formats), ImportOverrides (assembling), and seconds_of (times).
"""
