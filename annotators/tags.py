"""Component: part-of-speech tags, a stretch of the call at a time.

The token vectors behind the tags take some 10 kB of working memory a token: four hours of talk at once would
take a gigabyte. A stretch ends where a turn does; the model sees four tokens to either side, so only words
beside a stretch's edge can be tagged otherwise than in one go.
"""

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Layout, layout, load_model

STRETCH = 2000  # tokens


@Language.factory("ridealong_tags", assigns=["token.tag"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component(load_model())


class Component:
    """Sets each token's Penn tag."""

    def __init__(self, tagging: Language) -> None:
        self._tagging = tagging

    def __call__(self, doc: Doc) -> Doc:
        """Linear in the tokens of the call, in time; memory doesn't grow beyond the tags themselves."""
        tags: list[int] = []
        for begin, stop in stretches(layout(doc), STRETCH):
            # Made anew rather than by `as_doc`, which copies what other components wrote.
            part = Doc(
                self._tagging.vocab,
                words=[token.text for token in doc[begin:stop]],
                spaces=[bool(token.whitespace_) for token in doc[begin:stop]],
            )
            for _, pipe in self._tagging.pipeline:
                part = pipe(part)
            tags.extend(doc.vocab.strings.add(token.tag_) for token in part)
        for token, tag in zip(doc, tags, strict=True):
            token.tag = tag
        return doc


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
