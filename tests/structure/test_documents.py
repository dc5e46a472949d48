"""What readers see is run: README's Python blocks are doctests, notebooks are reviewed as text and generated."""

import re

import pytest


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_python_block_is_a_doctest(document, root):
    blocks = re.findall(r"```python\n(.*?)```", (root / document).read_text(), flags=re.DOTALL)
    assert [block for block in blocks if not block.lstrip().startswith(">>> ")] == []


def test_notebooks_are_kept_as_percent_scripts(project_files, root):
    assert [path for path in project_files if path.suffix == ".ipynb"] == []
    scripts = [path for path in project_files if path.parts[0] == "notebooks" and path.suffix == ".py"]
    assert [path for path in scripts if "\n# %%" not in (root / path).read_text()] == []
