"""Other tools' files to stored runs and back. It knows stored runs as values; the file of the history belongs to cli.

importing  one module for each kind of file that can be imported, and what finds out which one a file is
exporting  one module for each format that can be exported
"""
