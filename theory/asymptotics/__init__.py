from .generations import GENERATION as GENERATION
from .generations import GenerationsForm as GenerationsForm
from .generations import closed_form_in_generations as closed_form_in_generations
