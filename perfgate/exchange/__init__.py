"""The exchange: other tools' files to stored runs and back. Stored runs are values here; no history is opened.

importing  one module for each kind of file that can be imported, and the recognition of a file's kind
exporting  one module for each format that can be exported
"""
