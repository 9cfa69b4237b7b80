"""The picture atlas in Streamlit."""

from aeviz.parts.hosts import streamlit as host


def picture_atlas(data: bytes, *, key: str) -> None:
    """Put a sheet, from `payload`, where every part on the page finds it by its name; shows nothing itself."""
    host.mount("picture_atlas", key=key, data=data)
