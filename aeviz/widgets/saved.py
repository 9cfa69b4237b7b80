"""A notebook as a page whose parts stay alive without a kernel and without network.

    jupyter nbconvert --to aeviz --execute lesson.ipynb

nbconvert's own HTML fetches what brings widgets to life from servers on the internet; here it stands in the page.
"""

from pathlib import Path
from typing import Any

import traitlets
from nbconvert.exporters import HTMLExporter

from aeviz.parts import files

MISSING = (
    "The notebook holds no state of widgets, so that none will be seen: run it with --execute, or save it from "
    "JupyterLab with Settings, Save Widget State Automatically."
)


class PageExporter(HTMLExporter):
    """nbconvert's exporter `aeviz`: HTML with all that widgets of aeviz need. Formulas and diagrams stay text."""

    export_from_notebook = "HTML with live parts of aeviz"

    @traitlets.default("template_name")
    def _named(self) -> str:
        return "aeviz"

    @traitlets.default("extra_template_basedirs")
    def _template_folders(self) -> list[str]:
        return [str(Path(__file__).parent / "template")]

    def from_notebook_node(self, nb: Any, resources: Any = None, **settings: Any) -> Any:
        """The page, and nbconvert's resources."""
        page, resources = super().from_notebook_node(nb, resources, **settings)
        if "application/vnd.jupyter.widget-state+json" not in page:
            self.log.warning(MISSING)
        return page, resources

    def _init_resources(self, resources: Any) -> Any:
        resources = super()._init_resources(resources)
        resources["aeviz_script"] = script()
        return resources


def script() -> str:
    """What brings widgets to life, as the text of an ES module that does so when it runs."""
    entry = files.FOLDER / "hosts" / "saved page.js"
    return files.link(entry, 'import { wake } from "./saved.js";\nwake();')
