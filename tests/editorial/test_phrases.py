import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.editorial.phrases import Phrases


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("diffusion model", "A Diffusion Model for dust."),
        ("diffusion model", "two diffusion models"),
        ("diffusion models", "a diffusion model"),
        ("diffusion\tmodel", "diffusion\n   model"),
        ("box", "boxes"),
        ("classes", "a class"),
        ("case study", "case studies"),
        ("case studies", "a case study"),
        ("fine-tuning", "fine tuning"),
        ("fine-tuning", "finetuning"),
        ("fine tuning", "Fine-Tuning"),
        ("finetuning", "fine-tuning"),
        ("finetuning", "fine tuning"),
        ("fine-tuning", "fine-\ntuning"),
        ("fine-tuning", "fine\u2011tuning"),
        ("fine-tuning", "fine\u00adtuning"),
        ("x-ray", "X ray"),
        ("x-ray", "Xrays"),
        ("x ray", "x-ray"),
        ("email", "e-mail"),
        ("3D", "3-D shapes"),
        ("GPT4", "GPT-4o, GPT 4"),
        ("RAG", "(RAG)"),
        ("C++", "written in C++."),
        ("C++", "since C++17"),
        (".NET", "on .NET, twice"),
        ("A*", "the A*-search"),
        ("Q&A", "a Q&A page"),
        ("(a|b)+", "the pattern (a|b)+ itself"),
        ("Parkinson", "Parkinson's disease"),
        ("Parkinson's", "Parkinson’s disease"),
        ("naïve Bayes", "nai\u0308ve bayes"),
        ("Straße", "STRASSE"),
        ("finite", "ﬁnite"),
        ("обучение", "Обучение с подкреплением"),
        ("扩散模型", "基于扩散模型的方法"),
        ("LLM", "大型LLM模型"),
        ("हिन्दी", "यह हिन्दी है"),
        ("νευρωνικό δίκτυο", "ένα Νευρωνικό Δίκτυο"),
        ("few-shot", "few\u2010shot, few\u2011shot"),
        ("few-shot", "few\u2013shot"),
        ("few-shot", "few\u2212shot"),
        ("few-shot", "few--shot"),
        ("language model", r"a large \emph{language model}"),
        ("large language model", r"a {\em large} language model"),
        ("large language model", r"a large \textbf{language model}s"),
        ("language model", "{L}anguage~models"),
        ("k-means", "$k$-means"),
        ("GAN", "{GAN}s"),
        ("Schrödinger bridge", r"Schr\"odinger bridges"),
        ("Schrödinger bridge", r"Schr{\"o}dinger bridges"),
        ("Rényi", r"R\'{e}nyi"),
        ("R&D", r"R\&D"),
        ("100%", r"100\% right"),
    ],
)
def test_a_phrase_is_found_however_it_is_written(phrase: str, text: str) -> None:
    assert Phrases([phrase]).found_in(text) == (phrase,)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("rag", "storage, ragged, drag"),
        ("graph", "graphics"),
        ("fine tuning", "fine, tuning"),
        ("fine tuning", "fine — tuning"),
        ("fine tuning", "tuning fine"),
        ("fine tuning", "fine"),
        ("agent", "a gent"),
        ("plana", "plan a better one"),
        ("news", "a new method"),
        ("AIDS", "a hearing aid"),
        ("dynamics", "dynamic"),
        ("analysis", "analysi"),
        (".NET", "lower sales. Net profit"),
        ("A*", "a b"),
        ("C++", "C, C#"),
        (".*", "anything"),
        ("[a-z]", "b"),
        ("हिन", "हिन्दी"),
        ("resume", "résumé"),
        ("em", r"{\em a priori}"),
        ("fine tuning", r"fine \\ tuning"),
        ("emphasis", r"\emph{asis}"),
        ("LoRA", "exploration, LoRAX"),
    ],
)
def test_a_phrase_is_not_found_in_something_else(phrase: str, text: str) -> None:
    assert Phrases([phrase]).found_in(text) == ()


def test_phrases_come_once_each_as_they_were_written_in_their_own_order() -> None:
    phrases = Phrases(["Robots", "language model", "GNN", "large-language model", "Robots"])
    found = phrases.found_in("Large language models for a robot. Robots and language models.")
    assert found == ("Robots", "language model", "large-language model")


def test_two_spellings_of_one_phrase_are_both_found() -> None:
    spellings = ("fine-tuning", "finetuning")
    assert Phrases(spellings).found_in("Fine tuning") == spellings


@pytest.mark.parametrize("words", [[], [""], [" "], ["-", "\n"]])
def test_phrases_without_a_letter_or_a_sign_are_never_found(words: list[str]) -> None:
    assert Phrases(words).found_in("- any  text") == ()


def test_a_phrase_may_have_two_hundred_characters_and_no_more() -> None:
    longest = "a " * 99 + "ab"
    assert Phrases([longest]).found_in(longest) == (longest,)
    assert Phrases([longest + "b"]).found_in(longest + "b") == ()


TEXTS = st.text(st.characters(exclude_categories=[]), max_size=80)


@given(st.lists(TEXTS, max_size=5), TEXTS)
@example(["\ud800", "ͅΑ"], "\udfff\x00")
def test_any_phrases_and_any_text_give_phrases_back(words: list[str], text: str) -> None:
    found = Phrases(words).found_in(text)
    assert set(found) <= set(words)
    assert len(set(found)) == len(found)


WORDS = st.lists(st.text("abcxyz", min_size=2, max_size=6), min_size=1, max_size=3)
GAPS = st.sampled_from([" ", "-", "", "\n", "- "])


@given(WORDS, GAPS, GAPS, st.booleans())
def test_what_stands_between_the_words_makes_no_difference(
    words: list[str], written: str, printed: str, shouted: bool
) -> None:
    text = printed.join(words)
    phrase = written.join(words)
    assert Phrases([phrase]).found_in(f"(so: {text.upper() if shouted else text})") == (phrase,)


@given(st.text("ab -+.", max_size=12), st.lists(st.text("ab -+.", max_size=8), max_size=4))
def test_phrases_compiled_together_find_what_each_finds_alone(text: str, words: list[str]) -> None:
    alone = tuple(word for word in dict.fromkeys(words) if Phrases([word]).found_in(text))
    assert Phrases(words).found_in(text) == alone


@given(st.text("abcxyz", min_size=2, max_size=6), st.text("abcxyz", min_size=1, max_size=3))
def test_a_phrase_is_never_found_within_a_word(word: str, more: str) -> None:
    for longer in (f"q{word}", f"{word}q", f"{more}q{word}q{more}"):
        assert Phrases([word]).found_in(f"so {longer}, and {longer}") == ()


DASHES = st.sampled_from(["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2212", " ", "~", ""])


@given(WORDS, DASHES, st.sampled_from(["", "s"]), st.sampled_from(["{}", "${}$", r"\emph{{{}}}"]))
def test_dashes_ties_plurals_and_tex_make_no_difference(
    words: list[str], dash: str, ending: str, marks: str
) -> None:
    phrase = "-".join(words)
    text = dash.join(words) + ending
    assert Phrases([phrase]).found_in(f"so {marks.format(text)}.") == (phrase,)
