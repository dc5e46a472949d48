"""No code is run from data, no private JAX name is used, no global JAX configuration is touched."""

import ast
import re

CALLS = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr", "lambdify"}
LIBRARIES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "yaml", "diskcache"}
PRIVATE_JAX = re.compile(r"jax(lib)?\.(_src|core|experimental)\b|jax\.lib\b")


def dotted(node):
    """`a.b.c` as text, or the empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    base = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{base}.{node.attr}" if base else ""


def calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def last_name(node):
    return node.attr if isinstance(node, ast.Attribute) else dotted(node)


def findings(tree):
    """What a module does that no module of the package may do."""
    for call in calls(tree):
        # `re.compile` and methods of that name are not the builtin.
        name = dotted(call.func) if last_name(call.func) == "compile" else last_name(call.func)
        if name in CALLS:
            yield f"calls {name}"
        if any(keyword.arg == "allow_pickle" and not is_false(keyword.value) for keyword in call.keywords):
            yield "allows pickle"
        if dotted(call.func).endswith("config.update"):
            yield "changes a global configuration"
    for node in ast.walk(tree):
        for name in imported(node):
            if name.split(".")[0] in LIBRARIES or name.rpartition(".")[2] in CALLS - {"compile"}:
                yield f"imports {name}"
            if PRIVATE_JAX.match(name):
                yield f"imports {name}"
        if isinstance(node, ast.Attribute) and PRIVATE_JAX.match(dotted(node)):
            yield f"uses {dotted(node)}"


def is_false(node):
    return isinstance(node, ast.Constant) and node.value is False


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def test_the_package_is_clean(modules):
    assert [(module.name, finding) for module in modules.values() for finding in findings(module.tree)] == []


def test_imports_are_visible_to_the_import_graph(modules):
    """Only the front door imports by name; everywhere else the graph of `import` statements is the whole truth."""
    hidden = [
        module.name
        for module in modules.values()
        if module.name != "modelcollapse"
        for call in calls(module.tree)
        if last_name(call.func) == "import_module"
    ]
    assert hidden == []


def test_the_check_sees_what_it_bans():
    samples = [
        "eval('1')",
        "sympy.sympify(x)",
        "from sympy import lambdify",
        "from sympy.parsing.sympy_parser import parse_expr",
        "import pickle",
        "np.load(path, allow_pickle=True)",
        "import jax.experimental.sparse",
        "from jax import core",
        "from jax._src import api",
        "jax.core.Tracer",
        "jax.config.update('jax_enable_x64', True)",
        "import joblib",
    ]
    assert [sample for sample in samples if not list(findings(ast.parse(sample)))] == []
    assert list(findings(ast.parse("re.compile(x); np.load(path, allow_pickle=False); jax.numpy.ones(3)"))) == []
