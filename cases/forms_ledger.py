"""The forms of an old ledger: its file, and what its columns and words mean."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.choices import Channel
from cases.ledger_columns import CLOSED, MEANINGS, NEEDED, OPEN
from cases.models import LedgerImport
from cases.services.ledger_books import NONE, Options
from cases.services.ledgers import LAST_YEAR, Told
from citymgmt.errors import DomainError
from grids.models import Team

_SAMPLE = 14
_ALPHABET = 26
_NO_TEAM = [("", _("请选")), (str(NONE), _("不是本局的单位，待派遣"))]
_STATES = [("", _("请选")), (CLOSED, _("已经结了")), (OPEN, _("还没有结"))]


class UploadForm(forms.Form):
    """The file of a ledger."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("台帐文件"),
        help_text=_("Excel（.xlsx）或 CSV，最多 2 万行、10 MB；只看第一张看得见的工作表。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
        error_messages={
            "required": _("请选择台帐文件。"),
            "empty": _("文件是空的（0 字节），请重新选择文件。"),
        },
    )


class MappingForm(forms.Form):
    """Which column tells what, what the ledger's own words mean, what holds for all its rows.

    Columns are fields `col-…` by the keys of MEANINGS, unknown words `word-KIND-N` in the order of
    the last check.
    """

    use_required_attribute = False

    year = forms.IntegerField(
        label=_("没写年份的算"),
        required=False,
        min_value=2000,
        max_value=LAST_YEAR,
        help_text=_("如 2023；都写了年份就空着。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    default_channel = forms.ChoiceField(label=_("没写来源的算"), choices=Channel.choices)
    dispatch = forms.BooleanField(
        label=_("没结的，直接派给表里写的单位（时限从现在起算）"), required=False
    )
    assume = forms.BooleanField(
        label=_("已结而没写结案时间的，按发现时间算（经过里会注明）"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        ledger: LedgerImport,
        samples: Sequence[Sequence[str]],
        teams: Iterable[Team],
        may_dispatch: bool,
    ) -> None:
        options = Options.of(ledger.options)
        initial = {
            "year": options.year,
            "default_channel": options.channel,
            "dispatch": options.dispatch,
            "assume": options.assume,
        }
        super().__init__(data, initial=initial)
        if not may_dispatch:
            del self.fields["dispatch"]
        columns = _column_choices(ledger.titles, samples)
        for meaning in MEANINGS:
            self.fields[f"col-{meaning.key}"] = forms.TypedChoiceField(
                label=str(meaning.label),
                choices=columns,
                coerce=int,
                empty_value=None,
                required=False,
                help_text=str(meaning.help),
                initial=ledger.columns.get(meaning.key, ""),
            )
        self._words = _words(ledger.findings.get("unknown", {}))
        for name, kind, word, count in self._words:
            self.fields[name] = _word_field(kind, word, count, teams)

    @property
    def needed(self) -> list[forms.BoundField]:
        """The fields of the columns without which nothing goes."""
        return [self[f"col-{key}"] for key in ("found", *NEEDED)]

    @property
    def others(self) -> list[forms.BoundField]:
        """The fields of the other columns."""
        keys = (meaning.key for meaning in MEANINGS)
        return [self[f"col-{key}"] for key in keys if key not in ("found", *NEEDED)]

    @property
    def words(self) -> list[forms.BoundField]:
        """The fields of the words that meant nothing at the last check."""
        return [self[name] for name, _kind, _word, _count in self._words]

    @property
    def told(self) -> Told:
        """What the valid form says."""
        given = self.cleaned_data
        words: dict[str, dict[str, str]] = {}
        for name, kind, word, _count in self._words:
            words.setdefault(kind, {})[word] = given[name]
        keys = (meaning.key for meaning in MEANINGS)
        columns = {key: given[f"col-{key}"] for key in keys if given[f"col-{key}"] is not None}
        options = Options(
            year=given["year"],
            channel=given["default_channel"],
            dispatch=given.get("dispatch", False),
            assume=given["assume"],
        )
        return Told(columns, words, options)

    def refuse(self, refused: DomainError) -> None:
        """Show a refusal beside the field that it is about."""
        name = f"col-{refused.field}" if refused.code == "column" else refused.field
        self.add_error(name if name in self.fields else None, str(refused.message))


def _column_choices(
    titles: Sequence[str], samples: Sequence[Sequence[str]]
) -> list[tuple[str, str]]:
    """Each column by its letter, its title and something that stands in it."""
    choices = [("", "—")]
    for place, title in enumerate(titles):
        sample = next(iter(samples[place]), "") if place < len(samples) else ""
        shown = sample if len(sample) <= _SAMPLE else f"{sample[:_SAMPLE]}…"
        words = f"{_letters(place)} {title}".strip()
        choices.append((str(place), f"{words}（{shown}）" if shown else words))
    return choices


def _letters(place: int) -> str:
    """The letters of a column as spreadsheets show them: 0 is A, 26 is AA."""
    high, low = divmod(place, _ALPHABET)
    return (chr(ord("A") + high - 1) if high else "") + chr(ord("A") + low)


def _words(unknown: Mapping[str, Sequence[Sequence[Any]]]) -> list[tuple[str, str, str, int]]:
    return [
        (f"word-{kind}-{place}", kind, word, count)
        for kind, rows in unknown.items()
        for place, (word, count) in enumerate(rows)
    ]


def _word_field(kind: str, word: str, count: int, teams: Iterable[Team]) -> forms.Field:
    label = _("“%(word)s”（%(count)s 行）") % {"word": word[:40], "count": count}
    if kind == "category":
        attrs = {
            "list": "ledger-classes",
            "autocomplete": "off",
            "placeholder": _("案由名称、俗称"),
        }
        return forms.CharField(
            label=label, required=False, max_length=60, widget=forms.TextInput(attrs=attrs)
        )
    choices: dict[str, list[tuple[str, Any]]] = {
        "team": [*_NO_TEAM, *((str(team.pk), team.name) for team in teams)],
        "state": [*_STATES],
        "channel": [("", _("请选")), *Channel.choices],
        "street": [("", _("请选")), ("-", _("不在本局的街道里"))],
    }
    return forms.ChoiceField(label=label, required=False, choices=choices[kind])
