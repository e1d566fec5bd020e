"""Does `--explain` name the function that got slower, and none where nothing changed?

python -m tests.bench.explain [--planted 20] [--unchanged 20] [--seed 1] [--first 0]

Each trial is a service of Python in a repository of its own, a short duet of two commits, and what `causes` of the
result file holds. A planted function takes 2 to 20 % of the CPU of a request more: in the service's own code, in the
standard library that it calls, or in a library.
"""

import argparse
import json
import random
import tempfile
from pathlib import Path

_KINDS = ("code", "call", "library")
_LEAST, _MOST = 0.02, 0.20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planted", type=int, default=20)
    parser.add_argument("--unchanged", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first trial, to go on with")
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    first, third = 0, 0
    print(f"{'planted':<30} {'kind':<8} {'share':>6} {'CPU':>8} {'place':>5}  causes")
    for planted in [_plant(number, asked.planted, chance) for number in range(asked.planted)][asked.first :]:
        causes, cpu = _trial(planted, chance.randrange(10**6))
        place = next(
            (n for n, cause in enumerate(causes, 1) if planted.name in (cause["function"], cause["within"])), 0
        )
        first, third = first + (place == 1), third + (0 < place <= 3)
        print(
            f"{planted.name:<30} {planted.kind:<8} {planted.share:>6.1%} {cpu} {place or '–':>5}  {_shown(causes)}",
            flush=True,
        )
    silent = 0
    for _ in range(asked.unchanged):
        causes, cpu = _trial(None, chance.randrange(10**6))
        silent += not causes
        print(f"{'nothing':<30} {'':<8} {'':>6} {cpu} {'':>5}  {_shown(causes)}", flush=True)
    print(f"named first: {first} of {asked.planted - asked.first}; among the first three: {third}")
    print(f"no cause named where nothing changed: {silent} of {asked.unchanged}")


def _plant(number, count, chance):
    from tests.support.planted import Planted, candidates

    kind = _KINDS[number % len(_KINDS)]
    share = _LEAST + (_MOST - _LEAST) * number / max(1, count - 1)
    return Planted(kind, chance.choice(candidates(kind)), share)


def _trial(planted, seed):
    """The causes, and by how much the CPU of the service rose."""
    from tests.support.command import start_and_wait
    from tests.support.planted import new_repository, sources

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "repository"
        repository = new_repository(folder)
        repository.commit(**sources(planted))
        start_and_wait(
            folder,
            "duet",
            "ref:HEAD~1",
            "ref:HEAD",
            "--budget",
            "4s",
            "--seed",
            seed,
            "--explain",
            "--json",
            "r.json",
            "-q",
        )
        result = json.loads((folder / "r.json").read_text())
    change = next((row["change"] for row in result["rows"] if row["metric"] == "service_cpu"), None)
    for note in result["validity"]:
        if note["message"].startswith("the cause was not looked for"):
            print(note["message"])
    return result["causes"], "       –" if change is None else f"{change:>+8.1%}"


def _shown(causes):
    return "; ".join(
        f"{cause['function']}{' > ' + cause['within'] if cause['within'] else ''} {cause['change_ms']:+.3f} ms"
        f" ({cause['low_ms']:+.3f} to {cause['high_ms']:+.3f})"
        for cause in causes
    )


if __name__ == "__main__":
    main()
