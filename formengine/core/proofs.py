"""Which proofs are asked for now.

Decides from the definition and one evaluation; what was said of them is for the services.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from formengine.core import pointer as pointers
from formengine.core.addresses import key_of
from formengine.core.applying import Evaluation
from formengine.core.definition import Proof
from formengine.core.expressions import Expression, Names


@dataclass(frozen=True, slots=True)
class ProofAsked:
    """A proof that is asked for: for the item with *item_key* at *item_pointer*, or both "".

    *names* is what the names in its texts mean.
    """

    proof: Proof
    item_key: str
    item_pointer: str
    names: Names


def proofs(e: Evaluation) -> tuple[ProofAsked, ...]:
    """The proofs that apply, in the order of the definition, each for all its items."""
    return tuple(asked for proof in e.form.proofs for asked in _asked(e, proof))


def _asked(e: Evaluation, proof: Proof) -> Iterator[ProofAsked]:
    for item, key, scope in items(e, proof.each):
        names = Names(e.document, e.today, e.form.figures, item, scope)
        expression = e.form.expressions.get((scope, proof.when))
        if proof.when and not (isinstance(expression, Expression) and expression.holds(names, undecided=False)):
            continue
        yield ProofAsked(proof, key, item, names)


def items(e: Evaluation, each: str) -> Iterator[tuple[str, str, str]]:
    """Pointer, key and scope of every item of the list with the pattern *each*; one time nothing if it is ""."""
    if not each:
        yield "", "", ""
        return
    for pointer in _lists(e, "", each.split("/*")):
        for index in range(e.items(pointer)):
            yield f"{pointer}/{index}", key_of(e, pointer, index), each + "/*"


def _lists(e: Evaluation, above: str, pieces: list[str]) -> Iterator[str]:
    pointer = above + pointers.resolve(pieces[0], ())
    if len(pieces) == 1:
        yield pointer
        return
    for index in range(e.items(pointer)):
        yield from _lists(e, f"{pointer}/{index}", pieces[1:])
