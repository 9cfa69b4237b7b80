"""Tables of a page: a grid on a screen, plain and large in front of a class."""

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = 'from aeviz.app.panels import data_table\ndata_table.show([{"codec": "AE"}, {"codec": "PCA"}], alt="Codecs")'


@pytest.mark.parametrize("presented", [False, True])
def test_a_presented_view_has_no_grid_whose_type_no_style_reaches(presented: bool) -> None:
    app = AppTest.from_string(SCRIPT)
    if presented:
        app.query_params["present"] = "true"
    app.run()
    assert not app.exception
    shown, other = (app.table, app.dataframe) if presented else (app.dataframe, app.table)
    assert shown[0].value["codec"].tolist() == ["AE", "PCA"]
    assert not other
