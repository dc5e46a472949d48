"""The command line: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import __version__
from .theory.problem import (
    Chain,
    Isotropic,
    MinimumNorm,
    ModelCollapseError,
    Population,
    PowerLaw,
    Ridge,
    SourceCondition,
    SpecificationError,
    UniformTarget,
    load,
    replace,
)

DEFAULT_NOISE = 0.3
DEFAULT_PENALTY = 1e-3
DEFAULT_GENERATIONS = 6
DEFAULT_EXPONENT, DEFAULT_SOURCE_EXPONENT = 1.5, 0.5

# Each is the name of a constant of `numerics.sampling`.
SAMPLERS = (
    "naive",
    "sufficient-statistics",
    "verified-statistics",
    "least-squares-walk",
    "one-design",
    "banded",
    "lazy-gaussian",
    "wishart",
)

# Options that describe a chain; a file describes all of it.
DESCRIBING = ("dimension", "exponent", "source_exponent", "generations", "rows", "noise", "penalty", "minimum_norm")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after `modelcollapse`; None reads them from the command line.

    Returns:
        0, or 1 for laws that are broken, claims that come out otherwise and points of a sweep without an answer, 2 for
        a question that cannot be answered (the reason is on standard error), or 130 when interrupted.
    """
    arguments = _parser().parse_args(argv)
    try:
        status: int | None = arguments.command(arguments)
    except (ModelCollapseError, OSError) as error:
        print(f"modelcollapse: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("modelcollapse: interrupted; what is finished is kept", file=sys.stderr)
        return 130
    return status or 0


def _predict(arguments: argparse.Namespace) -> None:
    from .theory.evaluation.prediction import predict

    _show(predict(_chain(arguments)), arguments)


def _simulate(arguments: argparse.Namespace) -> None:
    from .numerics import sampling
    from .numerics.simulation import simulate

    name = arguments.sampler
    sampler = None if name is None else getattr(sampling, name.replace("-", "_").upper())
    chosen = {"replicates": arguments.replicates, "seed": arguments.seed, "sampler": sampler, "progress": True}
    _show(simulate(_chain(arguments), **chosen), arguments)


def _compare(arguments: argparse.Namespace) -> None:
    from .validation.comparison import compare

    chosen = {"replicates": arguments.replicates, "seed": arguments.seed, "progress": True}
    _show(compare(_chain(arguments), arguments.seconds, **chosen), arguments)


def _derive(arguments: argparse.Namespace) -> None:
    from .theory.statements.derivation import derive

    derivation = derive(_chain(arguments))
    if not arguments.json:
        print(derivation.latex())
        return
    named = {"hypotheses": derivation.hypotheses, "sources": derivation.sources, "latex": derivation.latex()}
    print(json.dumps(named, indent=1))


def _report(arguments: argparse.Namespace) -> None:
    from .validation.report import write_report

    for path in write_report(Path(arguments.out), seed=arguments.seed, fresh=arguments.fresh):
        print(path)


def _claims(arguments: argparse.Namespace) -> int:
    from .validation.report.claims import claims_table

    table = claims_table(arguments.out, papers=arguments.paper, fresh=arguments.fresh)
    _show(table, arguments)
    return 0 if table.sound else 1


def _selftest(arguments: argparse.Namespace) -> int:
    from .validation.selftest import selftest

    chosen = {"seed": arguments.seed, "progress": True}
    result = selftest(arguments.profile, laws=arguments.law, **chosen)
    _show(result, arguments)
    return 1 if result.broken else 0


def _sweep(arguments: argparse.Namespace) -> int:
    from .theory.problem.interchange.reading import LARGEST_TEXT
    from .theory.problem.interchange.text_files import read_text
    from .validation.sweep.sweep import Sweep

    sweep = Sweep.from_toml(read_text(arguments.grid, LARGEST_TEXT))
    chosen = {"workers": arguments.workers, "resume": arguments.resume, "progress": True}
    result = sweep.run(arguments.out, **chosen)
    _show(result, arguments)
    if result.missing:
        raise KeyboardInterrupt
    return 1 if result.failures else 0


def _figure(arguments: argparse.Namespace) -> None:
    from .validation.gallery import GALLERY, picture_named
    from .validation.gallery.files import write_picture, write_pictures

    if arguments.list:
        for picture in GALLERY.values():
            print(f"{picture.name:20} {picture.title}")
        return
    pictures = list(GALLERY.values()) if arguments.all else [picture_named(arguments.picture)]
    out = Path(arguments.out)
    if out.suffix and not arguments.all:
        _refuse(arguments, f"--out {out}", "format")
        write_picture(pictures[0], out)
        print(out)
        return
    for path in write_pictures(pictures, out, arguments.format or "svg"):
        print(path, flush=True)


def _show(result: Any, arguments: argparse.Namespace) -> None:
    print(json.dumps(result.to_dict(), indent=1) if arguments.json else result)


def _chain(arguments: argparse.Namespace) -> Chain:
    """The chain of a file, or the one that the options describe: fresh rows labelled by the generation before."""
    if arguments.spec is not None:
        _refuse(arguments, "--spec", *DESCRIBING)
        return load(arguments.spec)
    if arguments.rows is None:
        raise SpecificationError("--rows", None, "a whole number >= 1, unless --spec is given")
    population, noise = _population(arguments)
    estimator = MinimumNorm() if arguments.minimum_norm else Ridge(_or(arguments.penalty, DEFAULT_PENALTY))
    generations = _or(arguments.generations, DEFAULT_GENERATIONS)
    return replace(population, generations, arguments.rows, _or(arguments.noise, noise), estimator)


def _population(arguments: argparse.Namespace) -> tuple[Population, float]:
    """Covariates and truth, and the noise that goes with them unless another one is asked for."""
    if arguments.data is not None:
        _refuse(arguments, "--data", "dimension", "exponent", "source_exponent")
        from .validation import real_data

        data = {"digits": real_data.digits, "diabetes": real_data.diabetes}[arguments.data]()
        return data.population, data.noise
    if arguments.dimension is None:
        raise SpecificationError("--dimension", None, "a whole number >= 1, unless --data is given")
    if arguments.spectrum == "isotropic":
        _refuse(arguments, "--spectrum isotropic", "exponent", "source_exponent")
        return Population(Isotropic(arguments.dimension), UniformTarget()), DEFAULT_NOISE
    spectrum = PowerLaw(arguments.dimension, _or(arguments.exponent, DEFAULT_EXPONENT))
    return Population(spectrum, SourceCondition(_or(arguments.source_exponent, DEFAULT_SOURCE_EXPONENT))), DEFAULT_NOISE


def _refuse(arguments: argparse.Namespace, choice: str, *names: str) -> None:
    """An option that the choice leaves unread is a mistake, not a wish."""
    for name in names:
        if getattr(arguments, name) is not None:
            raise SpecificationError(f"--{name.replace('_', '-')}", getattr(arguments, name), f"nothing, with {choice}")


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modelcollapse", description="The analytical theory of model collapse in regression."
    )
    parser.add_argument("--version", action="version", version=f"modelcollapse {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, summary in (
        ("predict", _predict, "the error of every generation, from theory"),
        ("simulate", _simulate, "the error of every generation, from an experiment"),
        ("compare", _compare, "theory and experiment, with a verdict for every generation"),
        ("derive", _derive, "the theorem behind the prediction, in LaTeX"),
    ):
        subparser = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        subparser.set_defaults(command=command)
        _add_chain_options(subparser)
        subparser.add_argument("--json", action="store_true", help="print JSON")
        if name in {"simulate", "compare"}:
            subparser.add_argument("--seed", type=int, default=0, help="of the random draws (default: 0)")
        if name == "simulate":
            subparser.add_argument("--replicates", type=int, default=1000, help="independent chains (default: 1000)")
            subparser.add_argument(
                "--sampler", choices=SAMPLERS, help="how rows are drawn (default: the fastest that is exact)"
            )
        if name == "compare":
            subparser.add_argument("--seconds", type=float, default=30.0, help="time to spend (default: 30)")
            subparser.add_argument("--replicates", type=int, help="independent chains at every size, instead of a time")
    _add_sweep(commands)
    _add_report(commands)
    _add_figure(commands)
    _add_claims(commands)
    _add_selftest(commands)
    return parser


def _add_chain_options(parser: argparse.ArgumentParser) -> None:
    chain = parser.add_argument_group("the chain")
    origin = chain.add_mutually_exclusive_group()
    origin.add_argument("--spectrum", choices=("powerlaw", "isotropic"), default="powerlaw", help="of the covariance")
    origin.add_argument("--data", choices=("digits", "diabetes"), help="spectrum, truth and noise of a data set")
    origin.add_argument("--spec", metavar="FILE.toml", help="the whole chain, as mc.save writes it")
    chain.add_argument("--dimension", type=int, help="number of covariates")
    chain.add_argument("--exponent", type=float, help=f"decay of the power law (default: {DEFAULT_EXPONENT})")
    smoothness = f"smoothness of the truth (default: {DEFAULT_SOURCE_EXPONENT})"
    chain.add_argument("--source-exponent", type=float, help=smoothness)
    fits = f"how many fits, one on the other (default: {DEFAULT_GENERATIONS})"
    chain.add_argument("--generations", type=int, help=fits)
    chain.add_argument("--rows", type=int, help="rows of every generation")
    chain.add_argument(
        "--noise", type=float, help=f"standard deviation of label noise (default: {DEFAULT_NOISE}, or the data's)"
    )
    estimator = chain.add_mutually_exclusive_group()
    estimator.add_argument("--penalty", type=float, help=f"of ridge regression (default: {DEFAULT_PENALTY})")
    estimator.add_argument(
        "--minimum-norm", action="store_const", const=True, help="least squares of minimum norm instead"
    )


def _add_sweep(commands: Any) -> None:
    summary = "one quantity at every point of a grid, kept as it is finished"
    sweep = commands.add_parser("sweep", help=summary, description=summary[0].upper() + summary[1:] + ".")
    sweep.set_defaults(command=_sweep)
    what = "a chain as mc.save writes it, with [axes] and a quantity: see Sweep.from_toml"
    sweep.add_argument("grid", metavar="GRID.toml", help=what)
    sweep.add_argument("--out", metavar="FILE", required=True, help="the store of the finished points")
    sweep.add_argument("--workers", type=int, default=1, help="processes that share the work (default: 1)")
    sweep.add_argument("--resume", action="store_true", help="go on with a store that is there already")
    sweep.add_argument("--json", action="store_true", help="print JSON")


def _add_report(commands: Any) -> None:
    summary = "theory against experiment on real data, as a page"
    report = commands.add_parser("report", help=summary, description=summary[0].upper() + summary[1:] + ".")
    report.set_defaults(command=_report)
    report.add_argument("--out", default="report", help="folder to write to (default: report)")
    report.add_argument("--seed", type=int, default=0, help="of the random draws (default: 0)")
    report.add_argument("--fresh", action="store_true", help="measure again what an earlier run has finished")


def _add_figure(commands: Any) -> None:
    summary = "figures of the papers, drawn again from theory and simulation"
    figure = commands.add_parser("figure", help=summary, description=summary[0].upper() + summary[1:] + ".")
    figure.set_defaults(command=_figure)
    wanted = figure.add_mutually_exclusive_group(required=True)
    wanted.add_argument("picture", metavar="NAME", nargs="?", help="which one; --list names them")
    wanted.add_argument("--all", action="store_true", help="all of them (some minutes)")
    wanted.add_argument("--list", action="store_true", help="print their names and titles")
    where = "folder to write to (default: figures), or for one picture a file .svg, .pdf or .png"
    figure.add_argument("--out", default="figures", help=where)
    figure.add_argument("--format", help="svg (the default), pdf or png; a file has that of its name")


def _add_claims(commands: Any) -> None:
    summary = "what the papers claim, and the verdict on each statement (some minutes)"
    claims = commands.add_parser("claims", help=summary, description=summary[0].upper() + summary[1:] + ".")
    claims.set_defaults(command=_claims)
    claims.add_argument(
        "--paper", action="append", metavar="LETTER", help="only D, S, V or G; may be given several times"
    )
    kept = "file that keeps what is judged, for a run that is interrupted (default: report/claims.json)"
    claims.add_argument("--out", metavar="FILE", default="report/claims.json", help=kept)
    claims.add_argument("--fresh", action="store_true", help="judge again what an earlier run has finished")
    claims.add_argument("--json", action="store_true", help="print JSON")


def _add_selftest(commands: Any) -> None:
    summary = "the package under its own laws"
    selftest = commands.add_parser("selftest", help=summary, description=summary[0].upper() + summary[1:] + ".")
    selftest.set_defaults(command=_selftest)
    selftest.add_argument(
        "--profile", choices=("ci", "dev", "thorough"), default="ci", help="how hard they are tried (default: ci)"
    )
    selftest.add_argument("--law", action="append", metavar="NAME", help="only this law; may be given several times")
    selftest.add_argument("--seed", type=int, help="of the draws (default: that of the profile)")
    selftest.add_argument("--json", action="store_true", help="print JSON")


if __name__ == "__main__":
    sys.exit(main())
