"""The template engine: Django's own, whose pages are let go once they are made."""

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
from django.utils.safestring import SafeString


class LooseTemplate(Template):
    """A template whose context is taken apart once it has been drawn."""

    def render(
        self, context: dict[str, Any] | None = None, request: HttpRequest | None = None
    ) -> SafeString:
        """As Django's. A context and what was pushed on it hold each other, and with them all that
        a page shows: left so, each page's rows wait for the collector, up to nine thousand objects
        of one page, and four threads at work took 18 MB more (docs/measurements.md)."""
        made = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            drawn: SafeString = self.template.render(made)
        except TemplateDoesNotExist as error:
            reraise(error, self.backend)
        made.dicts.clear()
        return drawn


class Templates(DjangoTemplates):
    """The engine that `settings.TEMPLATES` names."""

    def from_string(self, template_code: str) -> LooseTemplate:
        """The template of a text."""
        return LooseTemplate(self.engine.from_string(template_code), self)

    def get_template(self, template_name: str) -> LooseTemplate:
        """The template of that name; raises TemplateDoesNotExist."""
        try:
            return LooseTemplate(self.engine.get_template(template_name), self)
        except TemplateDoesNotExist as error:
            reraise(error, self)
