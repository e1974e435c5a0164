"""What stands in an application's document: the answers in the form's order, its proofs and declarations.

Decides what is shown and how it is grouped, from the form, the evaluation of what was submitted, and the record. An
answer becomes text by the field types' `display` alone, so document, check page and inbox cannot differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from formengine.core import pointer as pointers
from formengine.core.applying import Evaluation
from formengine.core.asking import Asked, Role
from formengine.core.definition import Field, Step
from formengine.core.expressions import Names, fill
from formengine.core.naming import readable
from formengine.core.pointer import ABSENT, JsonValue
from formengine.documents.overview import overview
from formengine.documents.paper import DeclarationLine, Given, Group, Office, Paper, ProofLine, Row, State, Words
from formengine.documents.phrases import PHRASES, Languages, all_words, words
from formengine.fields import display
from formengine.i18n import wording
from formengine.i18n.catalogues import Phrase, Text
from formengine.i18n.formatting import BERLIN
from formengine.i18n.legends import legends
from formengine.services.submitting import declarations

_LONGEST_NAME = 60
_JOINED = 12


def gather(e: Evaluation, record: Mapping[str, JsonValue], languages: Languages, *, office: Office, seal: str) -> Paper:
    """The document of one submission. *record* is what `record.json` says; *seal* what the signer says of itself."""
    gathering = _Gathering(e, languages)
    received_at = datetime.fromisoformat(str(record["receivedAt"]))
    there = received_at.astimezone(BERLIN)
    groups = gathering.sections()
    proofs = tuple(gathering.proof(entry) for entry in record["proofs"])
    made = tuple(gathering.declarations(record["declarations"]))
    warnings = tuple(gathering.warning(str(entry["at"]), str(entry["message"])) for entry in record["warnings"])
    return Paper(
        reference=str(record["reference"]),
        received_at=received_at,
        received_day=languages.de.gettext(PHRASES["receivedDay"], day=languages.de.day(there.date().isoformat())),
        received_time=languages.de.gettext(PHRASES["receivedTime"], time=there.strftime("%H:%M"), zone=_zone(there)),
        office=office,
        title=gathering.said(e.form.title) if e.form.title else Words(e.form.id),
        form=e.form.id,
        version=e.form.version,
        form_hash=e.form.hash,
        payload_sha512=str(record["payload"]),
        seal=seal,
        groups=groups,
        overview=tuple(
            overview(
                e,
                languages,
                groups,
                proofs=proofs,
                declarations=made,
                warnings=warnings,
                earlier=gathering.earlier(record["from"]) if "from" in record else None,
            )
        ),
        proofs=proofs,
        declarations=made,
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
    lists: dict[str, Asked] = field(default_factory=dict)
    inside: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for asked in self.e.asked:
            self.inside[pointers.parent(asked.pointer) if asked.pointer else ""].append(asked)
            if asked.role is Role.LIST:
                self.lists[asked.pointer] = asked
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
        yield Group(inner.title, "section", inner.rows, inner.groups, inner.omitted)

    def _step(self, step: Step, item: str) -> Group | None:
        """The group of *step* within *item* (a pointer, "" outside of lists); None where nothing of it was asked."""
        title = self._title(step, item)
        if step.repeat is not None:
            return self._list(step, item, title)
        if step.steps:
            groups, omitted = self._inner(step.steps, item)
            return Group(title, "section", groups=groups, omitted=omitted) if groups else None
        return self._page(step, item, title)

    def _page(self, step: Step, item: str, title: Words) -> Group | None:
        """One page of questions, those in an object of its own below what that is called."""
        asked = self.pages.get((id(step), item), [])
        called = [legends(self.e.form, step, asked, text) for text in self.languages.all]
        parts: list[Group] = []
        for pattern, inner in groupby(asked, key=lambda one: self._around(one) if called[0] else ""):
            found = [
                one[pattern].filled(self._fill(text, item, step.scope))
                for one, text in zip(called, self.languages.all, strict=True)
                if pattern in one
            ]
            rows = tuple(self._rows(list(inner), step.scope))
            if rows:
                parts.append(Group(_pair(found) if found else Words(""), "page", rows))
        if not parts:
            return None
        first, *others = parts
        if first.title.de and any(one.title.de for one in others):
            return Group(title, "page", (), tuple(parts))
        return Group(title, "page", first.rows, tuple(others))

    def _around(self, asked: Asked) -> str:
        """The pattern of the object that the question lies in; a row of a list stands where the list does."""
        above = pointers.parent(asked.pattern)
        return pointers.parent(above) if pointers.parent(asked.pointer) in self.lists else above

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
                called = self._item_title(step, inner, index)
                items.append(Group(called, "item", (), groups, omitted, place, self._wanted(inner)))
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
        shown = [one for one in asked if one.role not in {Role.LIST, Role.MAP} or one.value in ([], {}, ABSENT)]
        for above, run in groupby(shown, key=lambda one: pointers.parent(one.pointer) if one.pointer else None):
            rows = [self._row(one, scope) for one in run]
            around = self.lists.get(above) if above is not None else None
            if around is not None and 1 < len(rows) <= _JOINED and all(_is_short(row) for row in rows):
                yield self._joined(around, rows, scope)
            else:
                yield from rows

    def _joined(self, around: Asked, rows: Sequence[Row], scope: str) -> Row:
        """The rows of a list of single values as one, each value on a line."""
        label = self._row(around, scope).label
        values = Words("\n".join(row.value.de for row in rows))
        if any(row.value.other for row in rows):
            values = replace(values, other="\n".join(row.value.other or row.value.de for row in rows))
        return Row(label, values)

    def _row(self, asked: Asked, scope: str) -> Row:
        said = self.e.form.field(asked.pattern) or Field(asked.pattern)
        item = _item(asked.pointer, scope)
        labels, values = [], []
        in_list = isinstance(pointers.get(self.e.document, pointers.parent(asked.pointer)), list)
        place = {"at": asked.pointer, "pattern": asked.pattern} if in_list else {}
        around = self.lists.get(pointers.parent(asked.pointer)) if in_list else None
        question = around.question if around and not asked.question.title else asked.question
        for text in self.languages.all:
            phrase = wording.label(question, said, text, **place).filled(self._fill(text, item, scope))
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
        number = words(PHRASES["entry"], self.languages.de, self.languages.other, n=index + 1)
        name = next((one for one in self.inside[item] if _is_text(one)), None)
        if name is None:
            return number
        shown = str(name.value).replace("\n", " ")[:_LONGEST_NAME]
        return Words(f"{number.de}: {shown}", number.other and f"{number.other}: {shown}")

    def _wanted(self, item: str) -> str:
        """What was chosen for the item, of the first question that lets one choose several."""
        for one in self.inside[item]:
            if one.role is Role.VALUE and isinstance(one.value, list) and one.value:
                said = self.e.form.field(one.pattern) or Field(one.pattern)
                return _shown(one, said, self.languages.de).replace("\n", "; ")
        return ""

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

    def earlier(self, before: Mapping[str, Any]) -> tuple[Words, tuple[Words, ...]]:
        """The application that filled this one in, and the names of the questions answered otherwise since."""
        there = datetime.fromisoformat(before["receivedAt"]).astimezone(BERLIN)
        de = self.languages.de
        said = de.gettext(
            PHRASES["earlierSaid"],
            reference=before["reference"],
            day=de.day(there.date().isoformat()),
            time=there.strftime("%H:%M"),
            zone=_zone(there),
        )
        asked = ((at, self.e.asked_at(at)) for at in before["changed"])
        changed = tuple(
            self._row(one, "").label if one is not None else Words(readable(pointers.parse(at)[-1]))
            for at, one in asked
        )
        return Words(said), changed


def _zone(moment: datetime) -> str:
    return "MESZ" if moment.dst() else "MEZ"


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


def _is_short(row: Row) -> bool:
    """Whether it is an answer of one line."""
    return row.state is State.ANSWERED and "\n" not in row.value.de


def _is_text(asked: Asked) -> bool:
    """Whether it was answered in words of the applicant's own."""
    free = asked.role is Role.VALUE and not asked.question.options and "format" not in asked.question.keywords
    return free and isinstance(asked.value, str) and bool(asked.value.strip())


def _which(asked: Asked) -> str:
    """The key of an entry, which tells it from its like."""
    return f" {pointers.parse(asked.pointer)[-1]}" if asked.pattern.endswith("/*") else ""


def _is_called(group: Group, title: Words) -> bool:
    """Whether a page of an item has the heading of the whole list, which needs no repeating."""
    return group.kind == "page" and group.title.de == title.de


def _repeats_itself(group: Group) -> bool:
    """Whether a page's heading says what its only row says again."""
    return len(group.rows) == 1 and not group.groups and group.rows[0].label.de == group.title.de


def _item(pointer: str, scope: str) -> str:
    """The item of *scope* in which *pointer* lies."""
    return "/".join(pointer.split("/")[: scope.count("/") + 1]) if scope else ""


def _indexes(scope: str, item: str) -> tuple[int, ...]:
    return pointers.indexes(scope, item) or ()
