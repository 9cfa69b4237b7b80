"""The app: page set-up and navigation."""

from aeviz.app import shell

shell.run()
