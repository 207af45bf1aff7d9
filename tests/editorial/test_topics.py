import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.phrases import Phrases
from newsletter.editorial.topics import Assignment, Catalogue, Evidence, Topic
from newsletter.errors import ConfigurationError

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY / "../shared/data"
SHIPPED = Catalogue.parse(
    (REPOSITORY / "newsletter/topics.toml").read_text(encoding="utf-8"), "topics.toml"
)
PROMISED = """
    large-language-models nlp llm-reasoning agents retrieval evaluation code-generation ai-safety
    society speech music computer-vision image-processing object-detection segmentation
    image-generation video 3d-vision graphics diffusion-models multimodal medical-imaging medicine
    biology chemistry physics climate mathematics robotics autonomous-driving
    reinforcement-learning graph-learning time-series recommender-systems federated-learning privacy
    security human-computer-interaction robustness domain-generalization few-shot-learning
    representation-learning continual-learning efficient-models optimization interpretability
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


def test_topics_come_by_groups_in_the_order_in_which_each_is_first_named() -> None:
    machines = [replace(ROBOTS, slug=slug, group="Machines") for slug in ("a", "b")]
    catalogue = Catalogue([machines[0], LIFE, machines[1]])
    assert list(catalogue.groups.items()) == [("Machines", tuple(machines)), ("", (LIFE,))]


def test_every_shipped_topic_is_in_a_group_that_is_quickly_looked_through() -> None:
    assert all(title and 3 <= len(topics) <= 10 for title, topics in SHIPPED.groups.items())
    assert sum(map(len, SHIPPED.groups.values())) == len(SHIPPED.topics)


@given(st.text(), st.text(), st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_any_paper_can_be_assigned(
    title: str, abstract: str, categories: list[str], keywords: list[str]
) -> None:
    any_paper = paper(title, abstract, *categories, keywords=tuple(keywords))
    for assignment in SHIPPED.assign(any_paper):
        assert assignment.points >= 2
        assert assignment.because


SHIPPED_WORDS = sorted({word for topic in SHIPPED.topics for word in topic.words})
# Two different words of a topic often stand together in these, and none in others.
PIECES = st.lists(
    st.sampled_from(
        [*SHIPPED_WORDS, "of", "the", "storage", "agentless", "graphics", "-", ";", "$"]
    ),
    max_size=8,
).map(" ".join)
CATEGORIES = sorted({category for topic in SHIPPED.topics for category in topic.categories})


@given(PIECES, PIECES, st.lists(st.sampled_from([*CATEGORIES, "cs.LG"]), max_size=3))
def test_what_an_assignment_gives_as_its_reason_is_really_there(
    title: str, abstract: str, categories: list[str]
) -> None:
    given_paper = paper(title, abstract, *categories)
    assigned = SHIPPED.assign(given_paper)
    for found in assigned:
        topic = SHIPPED.topic(found.topic)
        assert found.because
        assert len(set(found.because)) == len(found.because)
        for reason in found.because:
            if reason not in categories:
                assert reason in topic.words
                assert Phrases([reason]).found_in(f"{title} ;; {abstract}") == (reason,)
    assert SHIPPED.assign(given_paper) == assigned


@given(PIECES, PIECES, st.lists(st.sampled_from(CATEGORIES), max_size=2), st.text(max_size=9))
def test_one_category_more_never_takes_a_topic_away(
    title: str, abstract: str, categories: list[str], other: str
) -> None:
    before = SHIPPED.assign(paper(title, abstract, *categories))
    for more in (other, *CATEGORIES[::9]):
        after = SHIPPED.assign(paper(title, abstract, *categories, more))
        assert {each.topic for each in before} <= {each.topic for each in after}


@pytest.mark.parametrize("topic", SHIPPED.topics, ids=lambda topic: topic.slug)
def test_each_word_and_each_category_of_a_shipped_topic_is_enough(topic: Topic) -> None:
    for word in topic.words:
        assigned = SHIPPED.assign(paper(f"On the {word}", "of note"))
        assert topic.slug in {each.topic for each in assigned}, word
    for category in topic.categories:
        assigned = SHIPPED.assign(paper("On something", "of note", category))
        assert (topic.slug, (category,)) in [(each.topic, each.because) for each in assigned]


def test_evidence_says_where_each_word_was_found_even_if_it_is_not_enough() -> None:
    evidence = SMALL.evidence(paper("A robot", "Robots grasp cells.", "q-bio.CB", keywords=("x",)))
    assert evidence == (
        Evidence("robots", ("robot",), ("grasp",)),
        Evidence("life", (), ("grasp", "cell"), "q-bio.CB"),
    )
    assert [each.points for each in evidence] == [3, 4]
    assert SMALL.evidence(paper("Arms", "A robot.")) == (Evidence("robots", (), ("robot",)),)


@pytest.mark.parametrize(
    ("title", "abstract", "not_in"),
    [
        ("Cheap storage for fragments", "Dragging files about.", "retrieval"),
        ("We face several challenges", "They face others.", "computer-vision"),
        ("A corpse, and its corporate lawyer", "", "nlp"),
        ("Smoothing a broadcast", "A roadmap of crossroads.", "autonomous-driving"),
        ("Students of distillation", "A teacher and a student.", "society"),
        ("Tokens of gratitude", "Text everywhere.", "nlp"),
        ("Agency and reagents", "", "agents"),
        ("Brain tumours", "The brain.", "biology"),
    ],
)
def test_a_word_within_another_or_in_another_sense_makes_no_topic(
    title: str, abstract: str, not_in: str
) -> None:
    assert not_in not in {each.topic for each in SHIPPED.assign(paper(title, abstract))}


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
        (GOOD.replace("title", 'group = ""\ntitle'), r"topic 'robots': group: it is empty"),
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
    assert 8 <= len(topic.words) <= 45


@pytest.mark.parametrize("topic", SHIPPED.topics, ids=lambda topic: topic.slug)
def test_no_word_of_a_shipped_topic_hides_another(topic: Topic) -> None:
    # Else one mention in an abstract would count as two different words.
    phrases = Phrases(topic.words)
    assert {word: phrases.found_in(word) for word in topic.words} == {
        word: (word,) for word in topic.words
    }


# Words that mean two subjects, each pair on purpose.
SHARED_WORDS = """
    language model: large-language-models nlp; LLM: large-language-models nlp
    RLHF: large-language-models reinforcement-learning; GRPO: llm-reasoning reinforcement-learning
    mixture of experts: large-language-models efficient-models
    KV cache: large-language-models efficient-models
    speculative decoding: large-language-models efficient-models
    deep search: agents retrieval; jailbreak: ai-safety security; debiasing: ai-safety robustness
    AI governance: ai-safety society; super-resolution: computer-vision image-processing
    deblurring: computer-vision image-processing; dehazing: computer-vision image-processing
    face restoration: computer-vision image-processing; action recognition: computer-vision video
    video: computer-vision video; optical flow: computer-vision video
    remote sensing: computer-vision climate; point cloud: computer-vision 3d-vision
    neural field: computer-vision 3d-vision; inpainting: image-processing image-generation
    inverse problem: image-processing optimization
    visual grounding: object-detection multimodal
    lane detection: object-detection autonomous-driving
    Stable Diffusion: image-generation diffusion-models
    diffusion transformer: image-generation diffusion-models
    world model: video reinforcement-learning; Gaussian splatting: 3d-vision graphics
    mesh: 3d-vision graphics; surface reconstruction: 3d-vision graphics; avatar: 3d-vision graphics
    SLAM: 3d-vision robotics; imitation learning: robotics reinforcement-learning
    sim-to-real: robotics domain-generalization
    virtual reality: graphics human-computer-interaction
    augmented reality: graphics human-computer-interaction
    adversarial attack: security robustness; adversarial perturbation: security robustness
    adversarial example: security robustness; distribution shift: robustness domain-generalization
    backward-compatible: representation-learning continual-learning
"""


def test_no_word_is_in_two_shipped_topics_unless_it_is_meant() -> None:
    where: dict[str, set[str]] = {}
    for topic in SHIPPED.topics:
        assert len({word.casefold() for word in topic.words}) == len(topic.words), topic.slug
        for word in topic.words:
            where.setdefault(word.casefold(), set()).add(topic.slug)
    meant = dict(
        pair.strip().split(": ") for pair in re.split(r"[;\n]", SHARED_WORDS) if pair.strip()
    )
    assert {word: slugs for word, slugs in where.items() if len(slugs) > 1} == {
        word.casefold(): set(slugs.split()) for word, slugs in meant.items()
    }


def test_no_category_is_in_two_shipped_topics() -> None:
    every = [category for topic in SHIPPED.topics for category in topic.categories]
    assert len(set(every)) == len(every)


def test_categories_that_are_habits_mean_no_topic() -> None:
    habits = paper("On something", "Something is done.", "cs.LG", "cs.AI", "stat.ML", "cs.NE")
    assert SHIPPED.assign(habits) == ()


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        (
            "One-2-3-45: Any Single Image to 3D Mesh in 45 Seconds without Per-Shape Optimization",
            "From one photograph to a textured shape, with a radiance field and no waiting.",
            {"3d-vision", "computer-vision", "graphics"},
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
            {"chemistry", "medicine", "large-language-models", "nlp"},
        ),
        (
            "KronQ: LLM Quantization via Kronecker-Factored Hessian",
            "Weights are rounded so that the loss hardly notices.",
            {"large-language-models", "nlp", "efficient-models"},
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
            {"medical-imaging", "diffusion-models", "computer-vision"},
        ),
        (
            "EvoBrowseComp: Benchmarking Search Agents on Evolving Knowledge",
            "Questions whose answers change, asked of programs that browse the web.",
            {"agents", "evaluation", "retrieval"},
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
