"""The specification read as an experiment."""

if __name__ == "numerics":
    raise ImportError("import modelcollapse.numerics, not numerics")
