"""The schema, and a page to read it by, from local files."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated


class SchemaView(SpectacularAPIView):
    """The OpenAPI schema, for people who are signed in and for tokens."""

    permission_classes = [IsAuthenticated]


class DocsView(SpectacularSwaggerSplitView):
    """The schema to read and to try out. Its script comes apart: no inline script is allowed."""

    permission_classes = [IsAuthenticated]
    url_name = "api:schema"
    template_name = "api/docs.html"
