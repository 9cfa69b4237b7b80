"""Streamlit's calls as the one life of a part."""

from collections.abc import Callable
from typing import Any


def test_an_older_call_that_comes_last_is_taken_back(js_module: Callable[[str], Any]) -> None:
    """Streamlit cleans up after a call that was overtaken while its module loaded, at once and after it was made."""
    heard = js_module("hosts").evaluate(
        """(m) => {
            const heard = [];
            const part = m.inOrder(({ data }) => {
                heard.push(data);
                return () => heard.push(`end of ${data}`);
            });
            const parentElement = { isConnected: true };
            part({ parentElement, data: ["first"] });
            const leave = part({ parentElement, data: ["new"] });
            part({ parentElement, data: ["old"] })();
            part({ parentElement: { isConnected: true }, data: ["other"] });
            parentElement.isConnected = false;
            leave();
            return heard;
        }"""
    )
    assert heard == ["first", "new", "old", "new", "end of old", "other", "end of new"]


def test_a_part_is_mounted_once_updated_and_ended_when_it_has_left(js_module: Callable[[str], Any]) -> None:
    heard = js_module("hosts").evaluate(
        """async (m) => {
            globalThis.addEventListener ??= () => {}; // of a window
            const heard = [];
            const part = (name) => ({
                update: (data) => heard.push(`${name} updated with ${data}`),
                destroy: () => heard.push(`${name} ended`),
            });
            const call = m.connect(({ root, data, send }) => {
                heard.push(`${root.name} made with ${data}`);
                send("value", 7);
                return part(root.name);
            });
            let root = { name: "first", dataset: {} };
            const parentElement = { isConnected: true, querySelector: () => root };
            const setStateValue = (name, value) => heard.push(`${name} is ${value}`);
            const rested = () => new Promise((resolve) => setTimeout(resolve, 5));
            const leave = call({ parentElement, data: ["a"], setStateValue });
            call({ parentElement, data: ["b"], setStateValue });
            leave(); // the clean-up of a call that another has overtaken
            await rested();
            root = { name: "second", dataset: {} };
            const end = call({ parentElement, data: ["c"], setStateValue });
            parentElement.isConnected = false;
            end();
            await rested();
            return heard;
        }"""
    )
    made = ["first made with a", "value is 7", "first updated with b"]
    again = ["first ended", "second made with c", "value is 7", "second ended"]
    assert heard == [*made, *again]
