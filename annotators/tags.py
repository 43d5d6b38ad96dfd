"""Component: part-of-speech tags, a stretch of the call at a time.

The token vectors behind the tags take some 10 kB of working memory a token: four hours of talk at once would
take a gigabyte. A stretch ends where a turn does; the model sees four tokens to either side, so only words
beside a stretch's edge can be tagged otherwise than in one go.
"""

from collections.abc import Iterator
from typing import cast

from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from threadpoolctl import ThreadpoolController

from annotators.document import Layout, layout, load_model

STRETCH = 500  # tokens; of 500 to 8000 the fastest by a little


@Language.factory("ridealong_tags", assigns=["token.tag"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    tagging = load_model()
    for _, pipe in tagging.pipeline:
        for layer in cast(TrainablePipe, pipe).model.walk():
            # numpy's matrix product takes half the time of BLIS, and gives the same tags.
            layer.ops.use_blis = False
    return Component(tagging)


class Component:
    """Sets each token's Penn tag."""

    def __init__(self, tagging: Language) -> None:
        self._tagging = tagging
        self._threads = ThreadpoolController()

    def __call__(self, doc: Doc) -> Doc:
        """Linear in the tokens of the call, in time; memory doesn't grow beyond the tags themselves."""
        # Matrices this small are only slowed down by more threads, to a third of the speed.
        with self._threads.limit(limits=1, user_api="blas"):
            tags = list(self._tags(doc))
        for token, tag in zip(doc, tags, strict=True):
            token.tag = tag
        return doc

    def _tags(self, doc: Doc) -> Iterator[int]:
        ours, theirs = doc.vocab.strings, self._tagging.vocab.strings
        words = [token.text for token in doc]
        spaces = [bool(token.whitespace_) for token in doc]
        for begin, stop in stretches(layout(doc), STRETCH):
            # Made anew rather than by `as_doc`, which copies what other components wrote.
            part = Doc(self._tagging.vocab, words=words[begin:stop], spaces=spaces[begin:stop])
            for _, pipe in self._tagging.pipeline:
                part = pipe(part)
            tags: list[int] = part.to_array("TAG").tolist()
            for tag in set(tags):
                ours.add(theirs[tag])
            yield from tags


def stretches(places: Layout, tokens: int) -> Iterator[tuple[int, int]]:
    """Half-open token ranges that cover the call: whole turns up to so many tokens, longer ones cut."""
    begin = end = 0
    for turn in places.turns:
        stop = turn.first_token[-1]
        if stop - begin > tokens and end > begin:
            yield begin, end
            begin = end
        while stop - begin > tokens:
            yield begin, begin + tokens
            begin += tokens
        end = stop
    if end > begin:
        yield begin, end
