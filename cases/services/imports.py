"""The two imports of the cases room under one name."""

from cases.services.catalogue import import_catalogue
from cases.services.standards import StandardsOutcome, import_standards

__all__ = ["StandardsOutcome", "import_catalogue", "import_standards"]
