"""The cells of a day as a file."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from citymgmt import clock
from citymgmt.errors import DomainError
from grids.formats.writing import FORMATS
from grids.forms_import import ExportForm, UploadForm
from grids.services.grid_exports import export_cells
from grids.services.grid_import_runs import may_import
from grids.views.imports import listed


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """A download; what is wrong with what was asked for is said on the page."""
    may_import(request.user)  # type: ignore[arg-type]
    at = clock.now()
    form = ExportForm(request.GET, at=at)
    if not form.is_valid():
        return listed(request, UploadForm(), form)
    asked = form.cleaned_data
    try:
        content = export_cells(
            actor=request.user,  # type: ignore[arg-type]
            at=at,
            day=asked["day"],
            kind=asked["kind"],
            system=asked["system"],
        )
    except DomainError as refused:
        if refused.status != 400:
            raise
        form.add_error(refused.field, str(refused.message))
        return listed(request, UploadForm(), form)
    kind = FORMATS[asked["kind"]]
    name = f"cells-{asked['day']:%Y-%m-%d}-{asked['system']}.{kind.suffix}"
    response = HttpResponse(content, content_type=kind.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
