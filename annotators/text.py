"""From words as recognised to tokens that patterns can match.

Case, punctuation, contractions, fillers, stutters and cut-off words vary with speaker and recogniser;
patterns should not have to. Every token keeps the index of the word it came from.
"""

import re
import unicodedata
from functools import lru_cache

_KNOWN_WORDS = 1 << 14  # a call repeats most of its words

FILLERS = frozenset({
    "um", "umm", "uh", "uhh", "uhm", "er", "err", "erm", "ah", "hm", "hmm", "mm", "mhm", "eh",
})  # fmt: skip

_PAUSES = frozenset({
    "um", "umm", "uh", "uhh", "uhm", "er", "err", "erm",
})  # fmt: skip

_CONTRACTIONS = {
    "gonna": "going to", "wanna": "want to", "gotta": "got to", "cannot": "can not", "can't": "can not",
    "won't": "will not", "shan't": "shall not", "ain't": "is not", "let's": "let us", "y'all": "you all",
    "kinda": "kind of", "sorta": "sort of", "lemme": "let me", "gimme": "give me", "dunno": "do not know",
    "wouldn't": "would not", "i'd've": "i would have", "cos": "because", "'cause": "because",
    "ok": "okay", "o.k": "okay", "alright": "all right", "yep": "yes", "yup": "yes", "'em": "them",
}  # fmt: skip
# "'s" is "is" (or "has") only after these; elsewhere it is the genitive.
_IS_HOSTS = frozenset({
    "what", "that", "it", "there", "who", "how", "where", "he", "she", "here", "when", "why",
    "everything", "nothing", "something", "which", "this",
})  # fmt: skip
_APOSTROPHE_DROPPED = {
    "dont": "don't", "doesnt": "doesn't", "didnt": "didn't", "whats": "what's", "im": "i'm", "ive": "i've",
    "thats": "that's", "youre": "you're", "youve": "you've", "cant": "can't", "wont": "won't",
    "theyre": "they're", "isnt": "isn't", "arent": "aren't", "wasnt": "wasn't", "wouldnt": "wouldn't",
    "couldnt": "couldn't", "shouldnt": "shouldn't", "havent": "haven't", "hasnt": "hasn't", "hows": "how's",
    "lets": "let's", "theres": "there's", "youll": "you'll", "weve": "we've", "whos": "who's",
}  # fmt: skip
_ENDINGS = {"ll": "will", "re": "are", "ve": "have", "m": "am", "d": "would"}

_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_EDGES = re.compile(r"^[^\w$£€#']+|[^\w%$£€]+$")
_TERMINAL = re.compile(r"([.?!…。？！؟])[\s\"'”’»)\]]*(?:==|--)?$")
_BREAK = re.compile(r"(?:[,;:，、؛|]|--?|—|–|\.\.\.|…)[\"'”’)\]]*$")
_ABBREVIATION = re.compile(
    r"^(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|a\.m|p\.m|no|inc|ltd|co|u\.s|u\.k|[a-z])\.$"
)


def visible(word: str) -> str:
    """The word without characters that take no room, and with plain apostrophes; at most 80 characters.

    Longer ones are no words of speech, and patterns need not walk through them.
    """
    return _INVISIBLE.sub("", word.replace("’", "'").replace("‘", "'").replace("`", "'"))[:80]


@lru_cache(maxsize=_KNOWN_WORDS)
def pieces(word: str) -> tuple[str, ...]:
    """Lower-case tokens of a word, contractions written out; none for punctuation, fillers, cut-off words."""
    plain = visible(word)
    bare = plain.rstrip(",.;:?!…").lower()
    if len(bare) > 1 and bare.endswith("-") and bare[-2].isalpha():
        return ()
    key = _EDGES.sub("", unicodedata.normalize("NFKC", plain)).lower()
    if not key or key == "'" or key in FILLERS:
        return ()
    key = _APOSTROPHE_DROPPED.get(key, key)
    return tuple(token for token in _expand(key) if token)


def _expand(key: str) -> tuple[str, ...]:
    if key in _CONTRACTIONS:
        return tuple(_CONTRACTIONS[key].split())
    host, apostrophe, ending = key.rpartition("'")
    if not apostrophe or not host:
        return (key.strip("'"),)
    if ending in _ENDINGS:
        return (*_expand(host), _ENDINGS[ending])
    if ending == "t" and host.endswith("n") and len(host) > 1:
        return (host[:-1], "not")
    if ending == "s":
        # After other words it is a genitive, "is" or "has": patterns that care name it.
        return (host, "is" if host in _IS_HOSTS else "'s")
    return (key.strip("'"),)


@lru_cache(maxsize=_KNOWN_WORDS)
def terminal(word: str) -> str:
    """The sentence-ending mark that a word carries (., ? or !), or the empty string."""
    plain = visible(word)
    found = _TERMINAL.search(plain)
    if found is None or _ABBREVIATION.match(plain.lower()):
        return ""
    if found.group(1) == "…" or plain.endswith(("...", "==", "--")):
        return "?" if "?" in plain else ""
    return {"？": "?", "؟": "?", "。": ".", "！": "!"}.get(found.group(1), found.group(1))


@lru_cache(maxsize=_KNOWN_WORDS)
def is_break(word: str) -> bool:
    """Whether a comma, dash or the like follows the word."""
    return _BREAK.search(visible(word)) is not None


@lru_cache(maxsize=_KNOWN_WORDS)
def is_filler(word: str) -> bool:
    """Whether the word is a filled pause (um, uh, er)."""
    return _EDGES.sub("", visible(word)).lower() in _PAUSES
