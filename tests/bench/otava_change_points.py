"""Run by the Python of Apache Otava's own environment: what it finds in series.

On its input: {"pvalues": [...], "series": [[...], ...]}. On its output: the indices of all change points, for each
p-value and series.
"""

import json
import sys

from otava.analysis import compute_change_points

asked = json.load(sys.stdin)
found = [
    [
        sorted({int(point.index) for point in compute_change_points(list(series), max_pvalue=pvalue)[0]})
        for series in asked["series"]
    ]
    for pvalue in asked["pvalues"]
]
json.dump(found, sys.stdout)
