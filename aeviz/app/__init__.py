"""The Streamlit app: its frame, pages, panels, uploads and how it is served. It writes no torch code."""
