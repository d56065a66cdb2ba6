"""`python -m statusgen` is `statusgen`."""

import sys

from statusgen.cli import main

sys.exit(main())
