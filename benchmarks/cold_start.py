"""Cold times in fresh processes: import, three lines to a theorem, the README's five lines to a figure with a verdict.

python benchmarks/cold_start.py
"""

from __future__ import annotations

import subprocess
import sys
import time

IMPORT = "import modelcollapse as mc\n"
CHAIN = (
    "chain = mc.replace(mc.Population(mc.PowerLaw(120, 1.5), mc.SourceCondition(0.5)),"
    " generations=6, rows=300, noise=0.3, estimator=mc.Ridge(1e-2))\n"
)
PROGRAMS = {
    "bare interpreter": "",
    "import modelcollapse": IMPORT,
    "theorem in LaTeX (3 lines)": IMPORT + CHAIN + "mc.derive(chain).latex()\n",
    "prediction (3 lines)": IMPORT + CHAIN + "mc.predict(chain)\n",
    "figure with verdict (5 lines)": IMPORT
    + CHAIN
    + "comparison = mc.compare(chain, seconds=5)\nprint(comparison.verdict)\n"
    + "comparison.plot().figure.savefig('/dev/null', format='png')\n",
}


def main() -> None:
    print("best of 3 fresh processes, seconds")
    for name, program in PROGRAMS.items():
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
            best = min(best, time.perf_counter() - start)
        print(f"{name:32} {best:6.2f}")


if __name__ == "__main__":
    main()
