"""The app: page set-up and navigation."""

from aeviz.views import shell

shell.run()
