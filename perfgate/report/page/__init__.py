"""Pages: a measurement, or the trends of a history, as one HTML file that holds all it needs and fetches nothing.

Others take: `measurement.render`, `trend.render` and `document.require`. `document` puts every page together, with the
style and the script of all (`page.html`, `page.css`, `page.js`); `figure` is the frame of every chart, `html` makes
tables and phrases, `interval_bar` the small picture beside a row.
"""
