"""The app's pages, one module each with a function `page()` that draws it; importing one does nothing."""
