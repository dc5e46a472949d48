"""What every claim must pass; its evidence is found once for all tests of a module."""

from modelcollapse.validation.claims import Evidence


def judged_once():
    """Claim -> evidence by the library's formula, for a fixture of a module."""
    found: dict[str, Evidence] = {}

    def of(claim):
        if claim.name not in found:
            found[claim.name] = claim.holds()
        return found[claim.name]

    return of


def check_evidence(claim, evidence):
    """It holds, it is drawn, and it says where."""
    assert evidence.holds
    ax = evidence.plot()
    ax.figure.canvas.draw()
    assert ax.get_legend() is not None
    assert claim.statement
    assert claim.grid
