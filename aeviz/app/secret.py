"""What the app is told apart from its settings: among Streamlit's secrets, or in the environment."""

import os

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError


def read(name: str) -> str:
    """The secret of a name; empty where there is none."""
    try:
        secret = st.secrets.get(name)
    except StreamlitSecretNotFoundError:
        secret = None
    return str(secret or os.environ.get(name, "")).strip()
