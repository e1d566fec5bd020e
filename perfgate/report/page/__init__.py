"""Pages: a measurement, or the trends of a history, as one HTML file that holds all it needs and fetches nothing.

Others take: `measurement.render` and `document.require`. `document` puts every page together, with the style and the
script of all (`page.css`, `page.js`, `theme`, `colors`, `numbers_table`). `interval_bar`, `pair_chart`, `distribution`
and `timeline` draw what a measurement found.
"""
