"""Says the median of each of Lighthouse's scores, and fails below the gates: `python .ci/lighthouse.py ADDRESS REPORT...`."""

import json
import statistics
import sys
from pathlib import Path

LEAST = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}

address, reports = sys.argv[1], [json.loads(Path(name).read_text("utf-8"))["categories"] for name in sys.argv[2:]]
scores = {name: round(statistics.median(report[name]["score"] for report in reports) * 100) for name in LEAST}
print(f"{address} median of {len(reports)}:", *(f"{name} {score}" for name, score in scores.items()))
if low := [name for name, score in scores.items() if score < LEAST[name]]:
    sys.exit(f"error: {address} is below the gate in {', '.join(low)}")
