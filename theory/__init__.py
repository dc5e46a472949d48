"""The specification read as mathematics."""

if __name__ == "theory":
    raise ImportError("import modelcollapse.theory, not theory")
