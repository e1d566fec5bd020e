"""The site: the history of a branch as a folder of pages, data, badges and a feed. Works from disk, fetches nothing.

Others take: `values` (what the pages say), `overview.render`, `scenario_page.render`, `series` and `latencies` (what a
page loads), `assets` (style and scripts, once for all pages), `badge.render`, `feed.render` and `paths` (where each
file lies).

shell is what all pages share, chart the panels in Vega-Lite, line_picture the small picture of a series; numbers of
thousands of runs are put into words by the script (`site.js`), not here.
"""
