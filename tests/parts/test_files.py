"""Modules linked into one text, and what is said of those that cannot be."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from aeviz.parts import files
from aeviz.parts.files import LinkError, link


def put(folder: Path, **texts: str) -> Path:
    """Modules by name, `main.js` among them, whose path is returned."""
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "main.js"


def run(text: str, folder: Path) -> str:
    """What a module prints in Node."""
    (folder / "linked.mjs").write_text(text, encoding="utf-8")
    node, _ = compute_driver_executable()
    done = subprocess.run([node, folder / "linked.mjs"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_each_file_has_a_scope_of_its_own_and_runs_once_before_those_that_import_it(tmp_path: Path) -> None:
    main = put(
        tmp_path,
        base='const own = "base";\nconsole.log(own);\nexport async function later() {}\nexport class Kind {}\n',
        left='import { Kind } from "./base.js";\nconst own = "left";\nexport const left = [own, typeof Kind];\n',
        main=(
            'import {\n  left as first,\n} from "./left.js";\nimport { Kind, later } from "./base.js";\n'
            'const own = "main";\nexport function all() {\n  return [own, ...first, typeof Kind, typeof later];\n}\n'
            "export default all;\nconsole.log(all().join());\n"
        ),
    )
    assert run(link(main), tmp_path) == "base\nmain,left,function,function,function"


def test_the_linked_text_exports_what_the_module_exports(tmp_path: Path) -> None:
    main = put(tmp_path, main="export const one = 1;\nconst two = 2;\nexport default function () {\n  return two;\n}\n")
    (tmp_path / "whole.mjs").write_text(link(main), encoding="utf-8")
    text = 'import two, { one } from "./whole.mjs";\nconsole.log(one + two());\n'
    assert run(text, tmp_path) == "3"
    assert not re.search("^export", link(put(tmp_path, main="console.log(1);\n")), re.MULTILINE)  # a script, too


def test_comments_are_left_out_and_nothing_else(tmp_path: Path) -> None:
    main = put(
        tmp_path,
        main=(
            "// A module.\n/** @typedef {{ a: number }} A */\n\n/**\n * Says.\n * @param {string} what // told\n */\n"
            "function say(/** @type {string} */ what) {\n  // to all\n  console.log(what); // so it is heard\n}\n"
            'say("https://here/**/there; //");\n/** why */ say(`one\n two`);\n/** @type {number} */\n'
        ),
    )
    text = link(main)
    assert "A module" not in text
    assert "@" not in text
    assert "to all" not in text
    assert "heard" not in text
    assert run(text, tmp_path) == "https://here/**/there; //\none\n two"


def test_modules_that_import_each_other_are_an_error_that_names_them(tmp_path: Path) -> None:
    main = put(
        tmp_path,
        main='import { a } from "./a.js";\n',
        a='import { b } from "./b.js";\nexport const a = b;\n',
        b='import { a } from "./a.js";\nexport const b = 1;\n',
    )
    with pytest.raises(LinkError, match=r"import each other: .*/a\.js → .*/b\.js → .*/a\.js$"):
        link(main)


@pytest.mark.parametrize(
    "line",
    [
        'import all from "./other.js";',
        'import * as all from "./other.js";',
        'import "./other.js";',
        'import { one } from "package";',
        'import { one } from "./other.js"',
        'export { one } from "./other.js";',
        'export * from "./other.js";',
        "export let one = 1;",
        "export const { one, two } = numbers;",
        "export const [one, two] = numbers;",
        "const here = import.meta.url;",
    ],
)
def test_another_form_is_refused_with_its_file_and_its_text(tmp_path: Path, line: str) -> None:
    main = put(tmp_path, main=f"{line}\n", other="export const one = 1;\n")
    with pytest.raises(LinkError, match=r"main\.js.*") as refused:
        link(main)
    assert ("import.meta" if "meta" in line else line) in str(refused.value)


def test_a_module_may_load_another_one_while_it_runs(tmp_path: Path) -> None:
    main = put(tmp_path, main='import("node:os").then((os) => console.log(typeof os.cpus));\n')
    assert run(link(main), tmp_path) == "function"


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    main = put(tmp_path, main='import { one, two } from "./other.js";\n')
    with pytest.raises(LinkError, match=r"main\.js: there is no .*other\.js"):
        link(main)
    put(tmp_path, other="export const one = 1;\n")
    with pytest.raises(LinkError, match=r"main\.js: .*other\.js exports no two"):
        link(main)
    put(tmp_path, other="export const one = 1;\nexport class one {}\n")
    with pytest.raises(LinkError, match="exports a name twice"):
        link(main)


def test_every_module_of_ours_can_be_linked() -> None:
    modules = sorted(files.FOLDER.rglob("*.js"))
    assert len(modules) > 30
    for module in modules:
        text = link(module)
        # Streamlit takes a text of one line with a slash or a star for a path.
        assert text.count("\n") > 1
        assert not re.search(r"^\s*import\s*[{\"]", text, re.MULTILINE)
