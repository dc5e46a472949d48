"""The pictures of the gallery at sizes that take a second."""

from modelcollapse.validation import gallery

SMALL = {
    picture.name: picture
    for picture in (
        gallery.Generations(
            dimension=8, generator_rows=24, generators=2, penalties=(0.1, 0.5), rows=(16, 30), replicates=16
        ),
        gallery.Overparameterised(
            dimension=10,
            ratios=(0.5, 0.8),
            generations=3,
            directions=20,
            rows=(5, 9),
            later_generations=4,
            replicates=40,
        ),
        gallery.ScalingLaw(directions=10, generator_rows=30, generators=(0, 2), rows=(12, 200), points=7, replicates=8),
        gallery.AdaptiveRidge(
            directions=10, generator_rows=30, rows=20, generators=(0, 8), between=(), points=7, replicates=8
        ),
        gallery.Plateau(dimension=8, shares=(0.0, 0.1), rows=(20, 20000), points=9, replicates=16),
        gallery.Width(dimension=12, rows=10, shares=(0.0, 0.5), widths=(4, 10), points=2, replicates=8),
        gallery.Transition(dimension=4, rows=(40, 80), keep=((0.9, 0.3), (0.7, 0.7)), points=9, replicates=8),
        gallery.Verifiers(dimension=4, rows=80, generators=(0.5,), equals=(0.6,), points=6, replicates=8),
        gallery.AccumulateReplace(dimension=2, ratios=(60, 5), generations=2, replicates=16),
        gallery.DigitsPolynomial(features=12, rows=40, penalties=(0.1,), generations=2, replicates=4),
        gallery.DigitsRbf(features=12, rows=40, penalties=(0.1, 0.5), generations=2, replicates=4),
    )
}
