"""What stands in an application's document: the answers in the form's order, its proofs and declarations.

Decides what is shown and how it is grouped, from the form, the evaluation of what was submitted, and the record. An
answer becomes text by the field types' `display` alone, so document, check page and inbox cannot differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from formengine.core import pointer as pointers
from formengine.core.applying import Evaluation
from formengine.core.asking import Asked, Role
from formengine.core.definition import Field, Step
from formengine.core.expressions import Names, fill
from formengine.core.pointer import ABSENT, JsonValue
from formengine.documents.paper import DeclarationLine, Given, Group, Office, Paper, ProofLine, Row, State, Words
from formengine.documents.phrases import PHRASES, all_words, words
from formengine.fields import display
from formengine.i18n import wording
from formengine.i18n.catalogues import Phrase, Text
from formengine.i18n.formatting import BERLIN
from formengine.services.submitting import declarations

_LISTED = 8


@dataclass(frozen=True, slots=True)
class Languages:
    """The texts in German and, where the applicant read another language, in theirs."""

    de: Text
    other: Text | None = None

    @property
    def all(self) -> tuple[Text, ...]:
        """German first."""
        return (self.de,) if self.other is None else (self.de, self.other)


def gather(e: Evaluation, record: Mapping[str, JsonValue], languages: Languages, *, office: Office, seal: str) -> Paper:
    """The document of one submission. *record* is what `record.json` says; *seal* what the signer says of itself."""
    gathering = _Gathering(e, languages)
    received_at = datetime.fromisoformat(str(record["receivedAt"]))
    there = received_at.astimezone(BERLIN)
    groups = gathering.sections()
    proofs = tuple(gathering.proof(entry) for entry in record["proofs"])
    warnings = tuple(gathering.warning(str(entry["at"]), str(entry["message"])) for entry in record["warnings"])
    zone = "MESZ" if there.dst() else "MEZ"
    return Paper(
        reference=str(record["reference"]),
        received_at=received_at,
        received_day=languages.de.gettext(PHRASES["receivedDay"], day=languages.de.day(there.date().isoformat())),
        received_time=languages.de.gettext(PHRASES["receivedTime"], time=there.strftime("%H:%M"), zone=zone),
        office=office,
        title=gathering.said(e.form.title) if e.form.title else Words(e.form.id),
        form=e.form.id,
        version=e.form.version,
        form_hash=e.form.hash,
        payload_sha512=str(record["payload"]),
        seal=seal,
        groups=groups,
        overview=gathering.overview(groups, proofs, warnings),
        proofs=proofs,
        declarations=tuple(gathering.declarations(record["declarations"])),
        warnings=warnings,
        language=languages.other.language if languages.other else "",
        direction=languages.other.direction if languages.other else "ltr",
        words=all_words(languages.de, languages.other),
    )


@dataclass
class _Gathering:
    e: Evaluation
    languages: Languages
    pages: dict[tuple[int, str], list[Asked]] = field(default_factory=lambda: defaultdict(list))
    stray: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        for asked in self.e.asked:
            chain = self.e.form.chain(asked.pattern)
            if not chain:
                self.stray.append(asked)
            elif not (chain[-1].repeat is not None and asked.role is Role.LIST):
                self.pages[id(chain[-1]), _item(asked.pointer, chain[-1].scope)].append(asked)

    def sections(self) -> tuple[Group, ...]:
        """The sections of the form, in order; what no page asks stands at the end."""
        found = [group for step in self.e.form.steps for group in self._section(step)]
        if self.stray:
            rows = tuple(self._rows(self.stray, ""))
            found.append(Group(words(PHRASES["more"], self.languages.de, self.languages.other), "section", rows))
        return tuple(found)

    def _section(self, step: Step) -> Iterator[Group]:
        inner = self._step(step, "")
        if inner is None:
            return
        if inner.kind == "page":
            yield Group(inner.title, "section", inner.rows)
        else:
            yield Group(inner.title, "section", inner.rows, inner.groups, inner.omitted)

    def _step(self, step: Step, item: str) -> Group | None:
        """The group of *step* within *item* (a pointer, "" outside of lists); None where nothing of it was asked."""
        title = self._title(step, item)
        if step.repeat is not None:
            return self._list(step, item, title)
        if step.steps:
            groups, omitted = self._inner(step.steps, item)
            return Group(title, "section", groups=groups, omitted=omitted) if groups else None
        rows = tuple(self._rows(self.pages.get((id(step), item), []), step.scope))
        return Group(title, "page", rows) if rows else None

    def _list(self, step: Step, item: str, title: Words) -> Group | None:
        at = pointers.resolve(str(step.repeat), _indexes(step.scope, item))
        found = pointers.get(self.e.document, at)
        if found is ABSENT and self.e.asked_at(at) is None:
            return None
        count = len(found) if isinstance(found, list) else 0
        if not count:
            none = words(PHRASES["none"], self.languages.de, self.languages.other)
            blank = words(PHRASES["unanswered"], self.languages.de, self.languages.other)
            row = Row(title, none) if found == [] else Row(title, blank, State.UNANSWERED)
            return Group(title, "section", (row,))
        items = []
        for index in range(count):
            inner = f"{at}/{index}"
            groups, omitted = self._inner(step.steps, inner)
            groups = tuple(replace(one, title=Words("")) if _is_called(one, title) else one for one in groups)
            if groups or step.owns:
                place = self.languages.de.gettext(PHRASES["place"], n=index + 1, all=count) if count > 1 else ""
                items.append(Group(self._item_title(step, inner, index), "item", (), groups, omitted, place))
        return Group(title, "section", groups=tuple(items)) if items else None

    def _inner(self, steps: Sequence[Step], item: str) -> tuple[tuple[Group, ...], tuple[Words, ...]]:
        """The groups of these steps, and the titles of those that were not asked."""
        groups: list[Group] = []
        omitted = []
        for step in steps:
            group = self._step(step, item)
            if group is None:
                if not step.body:
                    omitted.append(self._title(step, item))
            elif group.kind == "page" and _repeats_itself(group):
                if groups and groups[-1].kind == "page" and not groups[-1].title.de:
                    groups[-1] = replace(groups[-1], rows=(*groups[-1].rows, *group.rows))
                else:
                    groups.append(replace(group, title=Words("")))
            else:
                groups.append(group)
        return tuple(groups), tuple(omitted)

    def _rows(self, asked: Sequence[Asked], scope: str) -> Iterator[Row]:
        for one in asked:
            if one.role in {Role.LIST, Role.MAP} and one.value not in ([], {}, ABSENT):
                continue  # its rows and entries follow
            yield self._row(one, scope)

    def _row(self, asked: Asked, scope: str) -> Row:
        said = self.e.form.field(asked.pattern) or Field(asked.pattern)
        item = _item(asked.pointer, scope)
        labels, values = [], []
        in_list = isinstance(pointers.get(self.e.document, pointers.parent(asked.pointer)), list)
        place = {"at": asked.pointer, "pattern": asked.pattern} if in_list else {}
        for text in self.languages.all:
            phrase = wording.label(asked.question, said, text, **place).filled(self._fill(text, item, scope))
            labels.append(phrase if in_list else phrase.with_text(phrase.plain + _which(asked)))
            values.append(Phrase(_shown(asked, said, text)))
        if asked.value is ABSENT or not values[0]:
            state = State.UNTICKED if asked.question.tick else State.UNANSWERED
            return Row(_pair(labels), words(PHRASES[state], self.languages.de, self.languages.other), state)
        return Row(_pair(labels), _pair(values), State.COMPUTED if asked.role is Role.COMPUTED else State.ANSWERED)

    def said(self, source: str, item: str = "", scope: str = "") -> Words:
        """A text of the definition with its pieces filled."""
        return _pair(
            [wording.written(source, text).filled(self._fill(text, item, scope)) for text in self.languages.all]
        )

    def _title(self, step: Step, item: str) -> Words:
        return self.said(step.title, item, step.scope) if step.title else Words(wording.readable(step.id))

    def _item_title(self, step: Step, item: str, index: int) -> Words:
        title = self.said(step.item_title, item, step.inner_scope) if step.item_title else Words("")
        if title.de.strip():
            return title
        return words(PHRASES["entry"], self.languages.de, self.languages.other, n=index + 1)

    def _fill(self, text: Text, item: str, scope: str) -> wording.Fill:
        names = Names(
            self.e.document, self.e.today, self.e.form.figures, item, scope, lambda term: text.of_form(term).plain
        )

        def show(value: JsonValue) -> str:
            return value if isinstance(value, str) else wording.plain_value(value, text).plain

        return lambda source: fill(self.e.form.expressions, source, names, show)

    def proof(self, entry: Mapping[str, JsonValue]) -> ProofLine:
        """A line of the record's list of proofs."""
        de, other = self.languages.de, self.languages.other
        definition = next((proof for proof in self.e.form.proofs if proof.id == entry["id"]), None)
        title = Words(str(entry["title"]))
        if definition is not None:
            scope = f"{definition.each}/*" if definition.each else ""
            title = self.said(definition.title, str(entry.get("item", "")), scope)
        return ProofLine(
            title=title,
            status=str(entry["status"]),
            said=words(PHRASES[str(entry["status"])], de, other),
            reason=str(entry.get("reason", "")),
            files=tuple(Given(str(file["name"]), de.size(int(file["size"]))) for file in entry["files"]),
        )

    def declarations(self, made: Sequence[Mapping[str, JsonValue]]) -> Iterator[DeclarationLine]:
        """The declarations that were made, and the free ones that were not."""
        by_id = {str(entry["id"]): entry for entry in made}
        for declaration in declarations(self.e):
            entry = by_id.pop(declaration.id, None)
            text = self.said(declaration.text)
            if entry is None:
                yield DeclarationLine(text)
            else:
                at = self.languages.de.moment(datetime.fromisoformat(str(entry["acceptedAt"])))
                yield DeclarationLine(_as_shown(text, str(entry["text"])), at)

    def warning(self, at: str, shown: str) -> Words:
        """A warning of the record, in German too where the check that gave it is found."""
        for check in self.e.form.checks:
            item = _item(at, f"{check.each}/*" if check.each else "")
            if check.level == "warning" and pointers.indexes(check.at, at) is not None:
                text = self.said(check.message, item, f"{check.each}/*" if check.each else "")
                if shown in {text.de, text.other, check.message}:
                    return text
        return Words(shown)

    def overview(
        self, groups: Sequence[Group], proofs: Sequence[ProofLine], warnings: Sequence[Words]
    ) -> tuple[Row, ...]:
        """What a caseworker wants to know first."""
        de, other = self.languages.de, self.languages.other
        rows = []
        for group in groups:
            items = [inner.title.de for inner in group.groups if inner.kind == "item"]
            if items:
                more = ", …" if len(items) > _LISTED else ""
                rows.append(Row(group.title, Words(f"{len(items)}: {', '.join(items[:_LISTED])}{more}")))
        if proofs:
            count = {status: sum(proof.status == status for proof in proofs) for status in _STATUSES}
            listed = [f"{n} {de.gettext(PHRASES[status])}" for status, n in count.items() if n]
            rows.append(Row(words(PHRASES["proofs"], de, other), Words(", ".join(listed))))
        if warnings:
            rows.append(Row(words(PHRASES["warnings"], de, other), Words(str(len(warnings)))))
        if other is not None:
            rows.append(Row(words(PHRASES["language"], de, other), Words(_language(other, de))))
        return tuple(rows)


_STATUSES = ("uploaded", "later", "notAvailable", "given")


def _pair(phrases: Sequence[Phrase]) -> Words:
    german = phrases[0].plain
    if len(phrases) == 1 or phrases[1].lang or phrases[1].plain == german:
        return Words(german)
    return Words(german, phrases[1].plain)


def _as_shown(text: Words, shown: str) -> Words:
    """The German wording with what the applicant read, where that was another."""
    return text if shown == text.de else Words(text.de, shown)


def _shown(asked: Asked, said: Field, text: Text) -> str:
    """The answer as text, each choice of several on a line of its own."""
    if isinstance(asked.value, list) and asked.role is Role.VALUE:
        return "\n".join(display(asked._replace(value=[one]), said, text) for one in asked.value)
    return display(asked, said, text)


def _which(asked: Asked) -> str:
    """The key of an entry, which tells it from its like."""
    return f" {pointers.parse(asked.pointer)[-1]}" if asked.pattern.endswith("/*") else ""


def _is_called(group: Group, title: Words) -> bool:
    """Whether a page of an item has the heading of the whole list, which needs no repeating."""
    return group.kind == "page" and group.title.de == title.de


def _repeats_itself(group: Group) -> bool:
    """Whether a page's heading says what its only row says again."""
    return len(group.rows) == 1 and group.rows[0].label.de == group.title.de


def _item(pointer: str, scope: str) -> str:
    """The item of *scope* in which *pointer* lies."""
    return "/".join(pointer.split("/")[: scope.count("/") + 1]) if scope else ""


def _indexes(scope: str, item: str) -> tuple[int, ...]:
    return pointers.indexes(scope, item) or ()


def _language(other: Text, de: Text) -> str:
    """The language's name in German."""
    return str(de.locale.languages.get(other.locale.language, other.language))
