import sys

from taskcore_cli import main

sys.exit(main())
