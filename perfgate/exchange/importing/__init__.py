"""From a file of another tool to runs. What the file does not say stays None; nothing is made up.

source finds the bytes, formats knows which kind of file they are, found holds what the file says, and assembling makes
stored runs of that. Every other module reads the files of one tool.
"""
