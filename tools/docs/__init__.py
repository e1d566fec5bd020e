"""The generated parts of the reference, and the site.

`python -m tools.docs` writes every part anew (`parts` has them; one module for each source), and a test holds them
fresh. `hooks` is what mkdocs calls: the plain Markdown of every page, and llms.txt.
"""
