"""Documents as arXiv writes them, with papers that nobody wrote."""

from xml.sax.saxutils import escape

RSS_HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"><channel>
<title>cs.AI updates on arXiv.org</title>
<pubDate>Mon, 27 Apr 2026 00:00:00 -0400</pubDate>
<skipDays><day>Saturday</day><day>Sunday</day></skipDays>
"""
RSS_FOOT = "</channel></rss>\n"
ATOM_HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns="http://www.w3.org/2005/Atom"
 xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<title>a feed</title><updated>2026-04-27T06:00:00.123456+00:00</updated>
"""
ATOM_FOOT = "</feed>\n"
OAI_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-04-27T06:00:00Z</responseDate>
"""
OAI_FOOT = "</OAI-PMH>\n"


def element(name: str, text: str | None) -> str:
    return "" if text is None else f"<{name}>{escape(text)}</{name}>"


def rss_item(number: str = "2604.00001v1", **changed: str | None) -> str:
    """An announcement; words of it can be changed, and left out with None."""
    words: dict[str, str | None] = {
        "title": "A title",
        "kind": "new",
        "abstract": "An abstract.",
        "guid": f"oai:arXiv.org:{number}",
        "published": "Mon, 27 Apr 2026 00:00:00 -0400",
        "creator": "A Name, B Name",
        "doi": None,
        "journal": None,
        "link": "https://arxiv.org/abs/2604.00001",
        **changed,
    }
    told = f"arXiv:{number} Announce Type: {words['kind']} \nAbstract: {words['abstract']}"
    return (
        "<item>"
        + element("title", words["title"])
        + element("link", words["link"])
        + element("description", changed.get("description", told))
        + '<guid isPermaLink="false">'
        + (words["guid"] or "")
        + "</guid>"
        + "<category>cs.AI</category><category>cs.CL</category>"
        + element("pubDate", words["published"])
        + element("arxiv:announce_type", words["kind"])
        + element("dc:creator", words["creator"])
        + element("arxiv:DOI", words["doi"])
        + element("arxiv:journal_reference", words["journal"])
        + "</item>\n"
    )


def rss(*items: str) -> bytes:
    return (RSS_HEAD + "".join(items) + RSS_FOOT).encode()


def announcement(number: str = "2604.00001v1", kind: str = "new", **more: str | None) -> str:
    """The same as an entry of the Atom feed."""
    told = f"arXiv:{number} Announce Type: {kind} \nAbstract: An abstract."
    return (
        "<entry>"
        + element("id", f"oai:arXiv.org:{number}")
        + element("title", "A title")
        + element("updated", "2026-04-27T06:00:00.123456+00:00")
        + element("summary", told)
        + '<category term="cs.AI"/><category term="cs.CL"/>'
        + element("published", "2026-04-27T00:00:00-04:00")
        + element("arxiv:announce_type", kind)
        + element("arxiv:journal_reference", more.get("journal"))
        + element("arxiv:DOI", more.get("doi"))
        + element("dc:creator", "A Name, B Name")
        + "</entry>\n"
    )


def found(number: str = "2604.00001v1", **changed: str | None) -> str:
    """What a query finds."""
    words: dict[str, str | None] = {
        "id": f"http://arxiv.org/abs/{number}",
        "title": "A\n  title",
        "summary": "  An\nabstract.",
        "published": "2026-04-24T17:59:45Z",
        "comment": "12 pages",
        **changed,
    }
    return (
        "<entry>"
        + element("id", words["id"])
        + element("title", words["title"])
        + element("updated", "2026-04-25T17:59:45Z")
        + element("summary", words["summary"])
        + '<category term="cs.CL"/><category term="cs.AI"/>'
        + element("published", words["published"])
        + element("arxiv:comment", words["comment"])
        + '<arxiv:primary_category term="cs.AI"/>'
        + element("arxiv:journal_ref", words.get("journal"))
        + element("arxiv:doi", words.get("doi"))
        + "<author><name>A Name</name><arxiv:affiliation>B, Inc.</arxiv:affiliation></author>"
        + "<author><name>B Name, Jr.</name></author><author/>"
        + "</entry>\n"
    )


def atom(*entries: str, total: str | None = None) -> bytes:
    number = element("opensearch:totalResults", total)
    return (ATOM_HEAD + number + "".join(entries) + ATOM_FOOT).encode()


def error(words: str) -> str:
    """What a query answers that was not understood."""
    return (
        "<entry>"
        + element("id", "https://arxiv.org/api/errors#what_was_wrong")
        + element("title", "Error")
        + element("summary", words)
        + "<author><name>arXiv api core</name></author></entry>"
    )


def oai_record(number: str = "2604.00001", status: str = "", **changed: str | None) -> str:
    words: dict[str, str | None] = {
        "id": number,
        "created": "2026-04-24",
        "updated": "2026-04-26",
        "title": "A\n  title",
        "categories": "cs.AI cs.CL",
        "comments": "12 pages",
        "journal-ref": None,
        "doi": None,
        "abstract": "  An\nabstract.\n",
        **{key.replace("_", "-"): value for key, value in changed.items()},
    }
    authors = (
        "<authors><author><keyname>Name</keyname><forenames>A</forenames>"
        "<affiliation>B, Inc.</affiliation></author><author><keyname>Name</keyname>"
        "<forenames>B</forenames><suffix>Jr</suffix></author>"
        "<author><keyname>The Collaboration</keyname></author></authors>"
    )
    told = "".join(element(name, text) for name, text in words.items())
    metadata = (
        ""
        if status
        else f'<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">{authors}{told}</arXiv></metadata>'
    )
    attribute = f' status="{status}"' if status else ""
    return (
        f"<record><header{attribute}><identifier>oai:arXiv.org:{number}</identifier>"
        f"<datestamp>2026-04-27</datestamp></header>{metadata}</record>\n"
    )


def oai(*records: str, token: str | None = None) -> bytes:
    inside = "".join(records) + element("resumptionToken", token)
    return f"{OAI_HEAD}<ListRecords>{inside}</ListRecords>{OAI_FOOT}".encode()
