"""Runs killed with kill -9 at random moments: what is left of them.

python -m tests.bench.killed_runs [--times 100]
"""

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path


def main():
    from tests.support.command import SCENARIO
    from tests.support.killing import kill_runs

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scenarios").mkdir()
        (folder / "scenarios" / "create_pet.py").write_text(SCENARIO)
        (folder / "perfgate.toml").write_text('[measure]\nwarm_up = "200ms"\n')
        for what, count in asdict(kill_runs(folder, asked.times, asked.seed)).items():
            print(f"{what:<14} {count:>6}")


if __name__ == "__main__":
    main()
