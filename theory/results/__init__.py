"""Results: how numbers are shown, converted and kept, the same for theory, experiment and judge."""

from .labelled import LABEL_UNITS as LABEL_UNITS
from .labelled import RATIO as RATIO
from .labelled import Column as Column
from .labelled import Labelled as Labelled
from .plain import json_text as json_text
from .plain import plain as plain
from .result import Result as Result
from .tabled import Tabled as Tabled
from .tables import html_table as html_table
from .tables import latex_table as latex_table
from .tables import text_table as text_table
