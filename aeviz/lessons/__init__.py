"""Views as files: pages of one HTML file that open without aeviz, network or GPU, and are as alive as the app.

A `Section` holds a view's parts with their data and the models that they run; `page.write` makes a file of sections.
"""
