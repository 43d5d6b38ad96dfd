"""Steps read calls just as the annotators do, though tags are worked out only once."""

from annotators import pipeline
from annotators.document import build_doc
from annotators.utterances import utterances
from tests.annotators.calls import call
from training.heard import heard


def test_a_call_is_heard_as_it_is_annotated_each_time() -> None:
    spoken = call("rep: So what do you use today?", "buyer: a whiteboard and it is always wrong")
    nlp = pipeline()
    whole = nlp(build_doc(nlp, spoken))
    for _ in range(2):
        doc = heard(spoken)
        assert utterances(doc) == utterances(whole)
        assert "question" not in doc.spans
    assert "question" in heard(spoken, ("utterances", "questions")).spans
