"""Exporting: from stored runs to the files of other tools, one module for each format. Each gives the text in pieces.

Other rooms take FORMATS (formats).
"""
