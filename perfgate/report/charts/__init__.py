"""Charts of a measurement in Vega-Lite, and what all charts share: colours, the theme, the numbers behind them.

Others take: `pairs`, `distribution` and `timeline`, which draw what a measurement found; `colors`, `theme` and
`columns`. Here is no HTML: `page` puts charts into a page, `trend` has those of a history.
"""
