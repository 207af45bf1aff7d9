import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.phrases import Phrases
from newsletter.editorial.topics import Assignment, Catalogue, Topic
from newsletter.errors import ConfigurationError

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY / "../shared/data"
SHIPPED = Catalogue.parse(
    (REPOSITORY / "newsletter/topics.toml").read_text(encoding="utf-8"), "topics.toml"
)
PROMISED = """
    large-language-models nlp llm-reasoning agents retrieval evaluation code-generation ai-safety
    speech music computer-vision object-detection segmentation image-generation video 3d-vision
    diffusion-models multimodal medical-imaging medicine biology chemistry physics climate
    mathematics robotics autonomous-driving reinforcement-learning graph-learning time-series
    recommender-systems federated-learning privacy security robustness domain-generalization
    few-shot-learning representation-learning continual-learning efficient-models optimization
    interpretability
"""

ROBOTS = Topic("robots", "Robots", "Machines that move.", ("cs.RO",), ("robot", "grasp"))
LIFE = Topic("life", "Life", "What lives.", ("q-bio",), ("cell", "grasp", "C. elegans"))
SMALL = Catalogue([ROBOTS, LIFE])


def paper(
    title: str, abstract: str = "", *categories: str, keywords: tuple[str, ...] = ()
) -> Paper:
    return Paper(PaperId.of_title(title), title, abstract, categories=categories, keywords=keywords)


@pytest.mark.parametrize(
    ("given_paper", "expected"),
    [
        (paper("A robot"), [Assignment("robots", 2, ("robot",))]),
        (paper("Arms", "Robots grasp."), [Assignment("robots", 2, ("robot", "grasp"))]),
        (paper("Arms", "A robot. Many robots."), []),
        (paper("A robot", "The robot."), [Assignment("robots", 2, ("robot",))]),
        (paper("A grasping robot", "To grasp."), [Assignment("robots", 3, ("robot", "grasp"))]),
        (paper("Arms", "x", "cs.LG", "cs.RO"), [Assignment("robots", 2, ("cs.RO",))]),
        (paper("Arms", "A robot.", "cs.RO"), [Assignment("robots", 3, ("robot", "cs.RO"))]),
        (paper("Worms", "x", "q-bio.NC", "q-bio.CB"), [Assignment("life", 2, ("q-bio.NC",))]),
        (paper("Worms", "x", "q-bio"), [Assignment("life", 2, ("q-bio",))]),
        (paper("Worms", "x", "q-biology.NC"), []),
        (
            paper("Arms", "Robots.", keywords=("grasps",)),
            [Assignment("robots", 2, ("robot", "grasp"))],
        ),
        (paper("Arms", "Robots.", keywords=("robot",)), []),
        (paper("Worms", "x", keywords=("C.", "elegans", "cell")), []),
        (
            paper("To grasp"),
            [Assignment("robots", 2, ("grasp",)), Assignment("life", 2, ("grasp",))],
        ),
        (
            paper("Cells of a robot", "Grasp them.", "q-bio.CB"),
            [
                Assignment("life", 5, ("cell", "grasp", "q-bio.CB")),
                Assignment("robots", 3, ROBOTS.words),
            ],
        ),
        (paper("Nothing", "of note", "cs.LG", "stat.ML"), []),
    ],
)
def test_a_paper_gets_its_topics_the_clearest_first_with_what_says_so(
    given_paper: Paper, expected: list[Assignment]
) -> None:
    assert SMALL.assign(given_paper) == tuple(expected)


@given(st.text(), st.text(), st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_any_paper_can_be_assigned(
    title: str, abstract: str, categories: list[str], keywords: list[str]
) -> None:
    any_paper = paper(title, abstract, *categories, keywords=tuple(keywords))
    for assignment in SHIPPED.assign(any_paper):
        assert assignment.points >= 2
        assert assignment.because


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("compter-vision", "computer-vision"),
        ("Computer Vision", "computer-vision"),
        ("robotic", "robotics"),
        ("large_language_model", "large-language-models"),
        ("knitting", None),
        ("", None),
    ],
)
def test_an_unknown_slug_has_a_nearest_one_or_none(written: str, meant: str | None) -> None:
    assert SHIPPED.nearest(written) == meant


def test_topics_are_found_by_slug_in_the_order_of_the_file() -> None:
    assert SMALL.slugs == ("robots", "life")
    assert SMALL.topics == (ROBOTS, LIFE)
    assert SMALL.topic("life") is LIFE
    with pytest.raises(KeyError):
        SMALL.topic("death")


GOOD = """
[[topic]]
slug = "robots"
title = " Robots "
sentence = "Machines that move."
categories = ["cs.RO"]
words = ["robot", "grasp"]
"""


def test_a_catalogue_is_read_from_toml() -> None:
    assert Catalogue.parse(GOOD, "mine.toml").topics == (ROBOTS,)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[topic]\n", r"mine\.toml: this is not TOML: .*line 1"),
        (GOOD + '\nwords = ["again"]\n# the end', r"mine\.toml: this is not TOML: .*line 9"),
        ("", r"mine\.toml: topic: at least one"),
        ("topic = []", r"mine\.toml: topic: at least one"),
        ("topic = [3]", r"mine\.toml: topic number 1: it must be a \[\[topic\]\] table"),
        (f"size = 3\n{GOOD}", r"mine\.toml: size: unknown key"),
        (GOOD + GOOD, r"mine\.toml: topic 'robots': slug: it is there twice"),
        (GOOD.replace("slug", "slag"), r"mine\.toml: topic number 1: slug: it is missing"),
        (GOOD.replace("title", "titel"), r"mine\.toml: topic 'robots': titel: unknown key"),
        (GOOD.replace('"robots"', '"Robots"'), r"topic number 1: slug: 'Robots' will not do"),
        (GOOD.replace('"robots"', '"robots-"'), r"topic number 1: slug: 'robots-' will not do"),
        (GOOD.replace('"robots"', "7"), r"topic number 1: slug: it must be a text in quotes"),
        (GOOD.replace('" Robots "', "7"), r"topic 'robots': title: it must be a text in quotes"),
        (GOOD.replace('" Robots "', '" "'), r"topic 'robots': title: it is empty"),
        (GOOD.replace("sentence", "# sentence"), r"topic 'robots': sentence: it is missing"),
        (GOOD.replace("categories", "# categories"), r"topic 'robots': categories: it is missing"),
        (GOOD.replace('["cs.RO"]', '"cs.RO"'), r"topic 'robots': categories: it must be a list"),
        (
            GOOD.replace("cs.RO", "cs RO"),
            r"topic 'robots': categories: 'cs RO' is no arXiv category",
        ),
        (GOOD.replace('"grasp"', "7"), r"topic 'robots': words: it must be a list"),
        (GOOD.replace('"grasp"', '"--"'), r"topic 'robots': words: '--' has no letter"),
        (
            GOOD.replace('"cs.RO"', "").replace('"robot", "grasp"', ""),
            r"topic 'robots': words: they and the categories are both empty",
        ),
    ],
)
def test_a_wrong_catalogue_is_refused_with_file_topic_key_and_reason(
    text: str, complaint: str
) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        Catalogue.parse(text, "mine.toml")


def test_the_shipped_catalogue_has_the_promised_topics() -> None:
    assert SHIPPED.slugs == tuple(PROMISED.split())


@pytest.mark.parametrize("topic", SHIPPED.topics, ids=lambda topic: topic.slug)
def test_a_shipped_topic_is_ready_to_be_read(topic: Topic) -> None:
    assert topic.title[0].isupper() or topic.title[0].isdigit()
    assert topic.sentence.endswith(".")
    assert 8 <= len(topic.words) <= 25


@pytest.mark.parametrize("topic", SHIPPED.topics, ids=lambda topic: topic.slug)
def test_no_word_of_a_shipped_topic_hides_another(topic: Topic) -> None:
    # Else one mention in an abstract would count as two different words.
    phrases = Phrases(topic.words)
    assert {word: phrases.found_in(word) for word in topic.words} == {
        word: (word,) for word in topic.words
    }


def test_categories_that_are_habits_mean_no_topic() -> None:
    habits = paper("On something", "Something is done.", "cs.LG", "cs.AI", "stat.ML", "cs.NE")
    assert SHIPPED.assign(habits) == ()


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        (
            "One-2-3-45: Any Single Image to 3D Mesh in 45 Seconds without Per-Shape Optimization",
            "From one photograph to a textured shape, with a radiance field and no waiting.",
            {"3d-vision", "computer-vision"},
        ),
        (
            "Barlow Twins: Self-Supervised Learning via Redundancy Reduction",
            "Two distorted copies of a picture should agree, and their features not repeat.",
            {"representation-learning"},
        ),
        (
            "Few-shot Model Extraction Attacks against Sequential Recommender Systems",
            "A copy of the model is stolen with little of what its users clicked.",
            {"few-shot-learning", "security", "recommender-systems"},
        ),
        (
            "FeTrIL: Feature Translation for Exemplar-Free Class-Incremental Learning",
            "Old classes are remembered although none of their pictures is kept.",
            {"continual-learning"},
        ),
        (
            "A Deep Conjugate Direction Method for Iteratively Solving Linear Systems",
            "A network proposes the directions in which a large sparse system is solved.",
            {"mathematics"},
        ),
        (
            "Source-Free Domain Adaptation for Image Segmentation",
            "A network is moved to another scanner without the scans it was trained on.",
            {"domain-generalization", "segmentation", "computer-vision"},
        ),
        (
            "DrugGen 2: A disease-aware language model for enhancing drug discovery",
            "Given a disease, molecules are proposed that should bind to its proteins.",
            {"chemistry", "medicine", "large-language-models"},
        ),
        (
            "KronQ: LLM Quantization via Kronecker-Factored Hessian",
            "Weights are rounded so that the loss hardly notices.",
            {"large-language-models", "efficient-models"},
        ),
        (
            "SAM-MT: Real-Time Interactive Multi-Target Video Segmentation",
            "Click on several things at once and follow each of them through the film.",
            {"video", "computer-vision", "segmentation"},
        ),
        (
            "Revisiting Articulated Parts Perception in Robot Manipulation",
            "Where a drawer's handle is, and which way it will move when pulled.",
            {"robotics"},
        ),
        (
            "RadRotator: 3D Rotation of Radiographs with Diffusion Models",
            "A flat picture of a hip is turned as if the patient had moved.",
            {"medical-imaging", "diffusion-models"},
        ),
        (
            "EvoBrowseComp: Benchmarking Search Agents on Evolving Knowledge",
            "Questions whose answers change, asked of programs that browse the web.",
            {"agents", "evaluation"},
        ),
    ],
)
def test_a_real_title_lands_where_a_reader_would_look_for_it(
    title: str, abstract: str, expected: set[str]
) -> None:
    assert {assignment.topic for assignment in SHIPPED.assign(paper(title, abstract))} == expected


def trending() -> list[Paper]:
    text = (SHARED / "seed/trending-mar-13.jsonl").read_text(encoding="utf-8")
    return [paper(row["title"], row["abstract"]) for row in map(json.loads, text.splitlines())]


def hugging_face() -> list[Paper]:
    rows = [
        row["paper"]
        for path in sorted((SHARED / "hf").glob("*.json"))
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]
    return [
        paper(row["title"], row["summary"], keywords=tuple(row.get("ai_keywords", ())))
        for row in rows
    ]


def big_day() -> list[Paper]:
    with gzip.open(SHARED / "arxiv/day-2026-04-21.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = {row["id"]: row for row in map(json.loads, lines)}
    return [paper(row["title"], row["summary"], *row["categories"]) for row in rows.values()]


BROAD = {"computer-vision", "large-language-models", "nlp"}


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")
@pytest.mark.parametrize(
    ("papers", "least"), [(trending, 0.95), (hugging_face, 0.95), (big_day, 0.85)]
)
def test_nearly_every_real_paper_has_a_topic_and_no_narrow_topic_swallows_the_day(
    papers: Callable[[], list[Paper]], least: float
) -> None:
    assigned = [[found.topic for found in SHIPPED.assign(each)] for each in papers()]
    counts = sorted(map(len, assigned))
    assert sum(map(bool, counts)) >= least * len(counts)
    assert 2 <= counts[len(counts) // 2] <= 4
    for slug in set(SHIPPED.slugs) - BROAD:
        assert sum(slug in slugs for slugs in assigned) <= 0.35 * len(assigned), slug
