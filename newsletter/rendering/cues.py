"""What a sentence of an abstract does there, by the words that authors use for it.

English only: what is written in another language has no cues, and is worth nothing.
"""

import re
from dataclasses import dataclass

_MAKES = (
    "propose|introduce|present|develop|design|devise|describe|build|construct|create|release"
    "|formulate|formali[sz]e|contribute|offer|provide|unveil|open-source|derive|curate|built"
)
_SHOWS = (
    "show|prove|demonstrate|find|discover|reveal|report|argue|uncover|establish|identify|observe"
    "|suggest|clarif(?:y|ie)|conclude|found"
)
_STUDIES = (
    "study|studie|investigate|explore|analy[sz]e|examine|revisit|addres(?:s|se)|tackle|survey"
    "|review|aim|consider|focus(?:e)?|seek|rethink|extend|compare|question|contrast|take|attempt"
    "|characteri[sz]e|overcome|unif(?:y|ie)|ask|try|outline|summari[sz]e|categori[sz]e|discus(?:s|se)|cover|look"
)
_VERB = rf"(?:(?P<makes>{_MAKES})|(?P<shows>{_SHOWS})|(?P<studies>{_STUDIES}))(?:e?s|e?d)?(?!\w)"
_ADVERBS = r"(?:(?:\w+ly|also|further|then|first|therefore|thus|hence|here|next|now|rather),? )*"
_WORK = (
    "paper|work|study|article|survey|report|review|thesis|letter|note|manuscript|research|chapter"
    "|tutorial|monograph"
)

# These are searched for in small letters after one blank, so that every word has one before it:
# a pattern that begins with a sign is found much faster than one that begins with a choice.
_WE = re.compile(rf" we {_ADVERBS}{_VERB}")
_PAPER = re.compile(
    rf" (?:(?:this|our|the present) (?:\w+ )?(?:{_WORK})|the (?:paper|study|survey|authors))"
    rf" {_ADVERBS}{_VERB}"
)
_AND_THEN = re.compile(rf" (?:and|to) (?:\w+ly )?(?:highlight|{_MAKES}|{_SHOWS})(?!\w)")
_IN_PAPER = re.compile(rf" (?:in (?:this|our) (?:\w+ )?(?:{_WORK})(?!\w)|here(?:in)?,? we )")
_PASSIVE = re.compile(
    r" (?:is|are) (?:here |hereby |also )?(?:proposed|introduced|presented|developed|devised)(?!\w)"
)
_INSIGHT = re.compile(
    r" our (?:\w+ )?(?:insight|observation|idea|contribution|approach|aim|goal) is"
)
_NOVEL = re.compile(
    r" (?:new|novel|(?<! we )first(?!-|,)|called|named|dubbed|termed|coined|open-source)(?!\w)"
)
_MORE = re.compile(
    r" (?:finally|lastly|besides|also|we further|furthermore|additional(?:ly)?|moreover"
    r"|in addition|second(?:ly)?|third(?:ly)?)(?!\w)"
)

_YET = re.compile(r" (?:however|yet|but|unfortunately|in fact)(?!\w)")
"""What is found before a "therefore we propose" is why, not what."""

_TRIED = re.compile(
    r" (?:experiment|evaluat|results? |empirical|benchmark|tasks|datasets|imagenet|ablation"
    r"|our (?:\w+ ){0,2}(?:method|approach|model|framework|system|algorithm))"
)
_MUCH = re.compile(
    r" (?:outperform|surpass|exceed|speed-?ups?(?!\w)|superior|competitive|match(?:es|ing)?(?!\w)"
    r"|(?:the|new|achiev\w+) (?:new )?state[ -]of[ -]the[ -]art)"
)
_SOME = re.compile(
    r" (?:achiev|improv|reduc|faster|gains?(?!\w)|boost|accelerat|effective|yields?(?!\w)"
    r"|robust(?!\w)|generali[sz]|consistent|enabl)"
)
_MEASURED = re.compile(
    r"\d(?:\.\d+)?(?:\s?(?:\\?%|\\times|×|percent|points|times|-?fold)|x(?!\w))|\d\.\d"
)
_VAGUE = re.compile(
    r" (?:(?:the|its|their) (?:\w+ )?(?:effectiveness|efficacy|superiority)|performs well"
    r"|extensive experiments)"
)

_BACKGROUND = re.compile(
    r" (?:(?:recent(?:ly)?|existing|previous|prior works?|traditional(?:ly)?|conventional|many"
    r"|most|current(?:ly)?|typical(?:ly)?|often|widely|increasing(?:ly)?|ubiquitous|popular"
    r"|suffer|struggle|however|unfortunately|despite|although|yet|lack)(?!\w)"
    r"|ha(?:s|ve) (?:\w+ )?(?:attract|emerg|achiev|shown|demonstrat|becom|been|gain|drawn|led|made)"
    r"|(?:is|are|remains?) (?:a |an |one of )?(?:\w+ )?(?:fundamental|challeng|important|crucial"
    r"|critical|essential|difficult|promising|cornerstone|hard))"
)
_LINK = re.compile(
    r" (?:https?://|\(?available|publicly|project page|open[ -]sourced?"
    r"|(?:code|models?|data) (?:is|are|at))"
)
_RELEASE = re.compile(
    r" (?:our |the |all |source |inference |experiment |both |codes?(?!\w)|data(?!\w)|models? and"
    r"|project|we (?:\w+ )?(?:release|make|open-source|provide)|audio|a |demo|please|see|visit)"
)
_GIVES_OUT = re.compile(r" (?:finally, )?we (?:\w+ )?(?:release|open-source|publish|make)(?!\w)")
_CLOSING = re.compile(
    r" (?:(?:overall|together|taken together),? )?(?:these|our|the|this) (?:\w+ )?(?:results?"
    r"|findings?|insights?|work|study|advancement|analysis) (?:\w+ )?(?:suggest|highlight|undersc"
    r"|shed|pave|open|ha(?:s|ve)|establish|provides? (?:new )?insight|lay|point|contribut|could|can"
    r"|may|outline|demonstrat)"
)
_HOPES = re.compile(
    r" (?:we hope|we believe|future (?:work|research|stud)|pave|paving|sheds? light)"
)
_SUMMARY = re.compile(r" (?:overall|together|taken together|in (?:sum(?:mary)?|conclusion|short)),")
_PROMISE = re.compile(
    r" (?:two|three|four|five|several|following|many)(?:,? [\w-]+){0,5} (?:components|contributions"
    r"|benefits|advantages|stages|steps|parts|aspects|reasons|issues|challenges|limitations|modules"
    r"|designs|choices|findings|questions|strategies|techniques|directions|problems|factors"
    r"|insights|observations)(?: [\w-]+){0,6}\.$"
)
_HEADING = re.compile(
    r" (?:(?P<aim>objectives?|purpose|aims?|goals?)|(?P<known>background|introduction|motivation)"
    r"|(?P<means>methods?|approach|design)|(?P<found>results?|findings?)|(?P<end>conclusions?"
    r"|discussion|significance))(?: and \w+)?[:.] "
)

_FORWARD = "paper|work|study|article|survey|report|review|thesis|letter|note|manuscript|research"
_REFERS = re.compile(
    rf" (?:(?:th(?:is|ese|ose|at|ey|eir|ere)(?! (?:\w+ )?(?:{_FORWARD})(?!\w))|its?|such|both"
    r"|the (?:former|latter|same|resulting|above|proposed|main|key|core|method|approach|model"
    r"|framework|network|system|generat\w+|algorithm))(?!\w)"
    r"|(?:to \w+ (?:so|this|these|that|it|them|such|both|the (?:two|first|second|above))"
    r"|by (?:doing so|this|these|contrast)|in (?:this|these|such|that) (?:way|manner|setting|case"
    r"|context|regime)|on this|with (?:this|these)|(?:based|building) on (?:this|these)"
    r"|(?:using|by \w+ing) (?:this|these)|among them)(?!\w)"
    r"|(?:if|when|while|since|as|because|although|though) (?:it|they|this|these|such)(?!\w))"
)
_CONNECTS = re.compile(
    r" (?:(?:however|yet|but|and|moreover|furthermore|additionally|in addition|also|thus|therefore"
    r"|hence|consequently|accordingly|nevertheless|nonetheless|conversely|in contrast(?! to)"
    r"|specifically|in particular|particularly|concretely|more (?:precisely|specifically)"
    r"|to (?:this|that) end|for (?:example|instance)|then|as a result|in fact)(?![\w-])"
    r"|(?:still|further|besides|instead|finally|lastly|meanwhile|similarly|likewise|indeed|notably"
    r"|crucially|importantly|interestingly|technically|empirically|otherwise|rather|again),)"
)
_COUNTS = re.compile(
    r" (?:first|second|third|fourth|firstly|secondly|thirdly|next|\(?(?:\d|i{1,3}|[a-c])\)),? "
)
_LEAD_IN = re.compile(
    r" (?:(?:however|yet|still|thus|therefore|hence|consequently|accordingly|instead|specifically"
    r"|in particular|concretely|crucially|to (?:this|that) end|in response|moreover|furthermore"
    r"|in addition|additionally|besides|particularly|importantly|finally|notably|technically)"
    r"|(?:to \w+(?: \w+){0,3}?|(?:motivated|inspired|driven|guided|informed) by"
    r"|(?:based|building|relying) (?:up)?on|by \w+ing|given|in light of|following|using|with|for|in"
    r"|from|as)"
    rf" (?:and \w+ )?(?:th(?:is(?! (?:\w+ )?(?:{_FORWARD}))|ese|at|ose|eir)|it|them|such|so"
    r"|the (?:above|two|first|second|issues?|problems?|challenges?|former|latter|aforementioned)"
    r"|our (?:\w+ )?(?:observations?|findings?|analysis)|its)(?: [^,:;.]{0,80})?)"
    r",? (?=(?:in this (?:paper|work|study|article),? )?"
    r"(?:we|the authors|this (?:paper|work|study|article)) )"
)
_WITHIN = re.compile(rf" (?:this(?! (?:\w+ )?(?:{_FORWARD}))|these|such|its|their|them)(?!\w)")

_SHORT = 120  # characters: a sentence with a link in it that says nothing else
_PLAIN = 1.5  # a claim that words of background do not weaken


@dataclass(frozen=True, slots=True)
class Cues:
    """What one sentence does, in points: about 3 for a plain case of it, 0 for none."""

    claim: float
    """It says what the paper does or finds."""
    result: float
    """It says how well that goes, better in figures."""
    idle: float
    """It says what is known, where the code is, what the future may bring."""
    leans: int
    """How badly it needs the sentence before it: 2 where it refers to something, 1 where a word
    only connects, 0 where it can stand alone."""
    lead_in: int
    """Length of the connecting words at its start without which it can stand alone, or 0."""


def cues(sentence: str) -> Cues:
    """What the sentence, of readable text or TeX, does."""
    low = f" {sentence.lower()}"
    connecting = _LEAD_IN.match(low)
    lead_in = connecting.end() - 1 if connecting else 0
    if len(low) != len(sentence) + 1:  # a few capitals become two small letters
        lead_in = 0
    claim = _claim(low, lead_in)
    leans = 1 if _CONNECTS.match(low) else 0
    if _REFERS.match(low) or _COUNTS.match(low):
        leans = 2
    return Cues(claim, _result(low), _idle(low, claim), leans, lead_in)


def _claim(low: str, lead_in: int) -> float:
    said = _WE.search(low) or _PAPER.search(low)
    heading = _HEADING.match(low)
    claim = 0.0
    if said:
        claim = 3.0 if said["makes"] else 2.5 if said["shows"] else 1.5
        if said["studies"] and _AND_THEN.search(low, said.end()):
            claim = 2.5
    elif _PASSIVE.search(low) or _INSIGHT.search(low) or (heading and heading["aim"]):
        claim = 1.5
    elif heading and heading["end"]:
        claim = 1.0
    if _IN_PAPER.search(low):
        claim += 0.8
    if claim:
        claim += 0.5 * min(2, len(_NOVEL.findall(low)))
        claim -= 1.2 if _MORE.search(low, 0, said.end() if said else len(low)) else 0
        claim -= 1.0 if _YET.match(low) else 0
        claim -= 0.6 if _WITHIN.search(low, lead_in) else 0
    return claim


def _result(low: str) -> float:
    heading = _HEADING.match(low)
    result = 1.0 if heading and heading["found"] else 0.0
    if _MUCH.search(low):
        result += 1.2
    elif _SOME.search(low):
        result += 0.6
    if _TRIED.search(low):
        result += 0.8 if result else 0.3
    if result and _MEASURED.search(low):
        result += 1.2
    if result and _VAGUE.search(low):
        result -= 0.5
    return result


def _idle(low: str, claim: float) -> float:
    heading = _HEADING.match(low)
    idle = 1.0 if heading and heading["known"] else 0.0
    if _LINK.search(low) and (_RELEASE.match(low) or len(low) < _SHORT):
        idle += 4
    elif _GIVES_OUT.match(low):
        idle += 1.5
    if _CLOSING.match(low) or _HOPES.search(low):
        idle += 1.5
    elif _SUMMARY.match(low):
        idle += 0.8
    if low.endswith((":", "twofold.", "threefold.")) or _PROMISE.search(low):
        idle += 1.2
    if claim < _PLAIN:
        idle += 0.8 * min(2, len(_BACKGROUND.findall(low)))
    return idle
