"""What can go wrong with a call, in words a user can act on."""


class CallError(Exception):
    """A call can't be analysed; the message says what is wrong and what to do, in one line."""


class UnreadableAudio(CallError):
    """The recording can't be decoded: not audio, damaged, encrypted, empty, or beyond the limits."""


class NoSpeech(CallError):
    """The recording decodes, but nobody speaks in it."""


class UnreadableTranscript(CallError):
    """The transcript file is not in a form that is understood."""


class ModelMissing(CallError):
    """Model weights are not installed, or are not the ones they should be."""


class UnknownFramework(CallError):
    """No framework of that name, or its file breaks the rules."""
