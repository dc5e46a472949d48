"""Laws that hold whatever the numbers; users run them on the package and on formulas, spectra and targets of theirs.

Run `modelcollapse selftest`, or `pytest --pyargs modelcollapse.validation.laws`, or a line for something of your own:

>>> import modelcollapse as mc
>>> check_formula(mc.predict, laws=["replacement by least squares"]).raise_if_broken().broken
()
"""

from .book import LAWS as LAWS
from .book import law_named as law_named
from .book import laws_about as laws_about
from .checking import check_formula as check_formula
from .checking import check_spectrum as check_spectrum
from .checking import check_target as check_target
from .checking import replay as replay
from .expression import expression_of as expression_of
from .finding import Finding as Finding
from .finding import Holding as Holding
from .finding import LawBroken as LawBroken
from .finding import LawReport as LawReport
from .law import About as About
from .law import Law as Law
from .law import Violation as Violation
from .profiles import PROFILES as PROFILES
