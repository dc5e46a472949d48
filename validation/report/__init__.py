"""The report: theory against experiment on real data, as one page that needs no network."""

from .assembly import write_report as write_report
