"""Theory and experiment held against each other."""

if __name__ == "validation":
    raise ImportError("import modelcollapse.validation, not validation")
