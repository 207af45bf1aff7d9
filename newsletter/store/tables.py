"""The tables of the archive and the ledger. Subscribers' own are in `subscribers.tables`.

References to subscribers are numbers without a foreign key: erasing a person leaves a truthful
ledger. Every other reference is a key of the same store. `findable`, which search looks into, is a
table of each database's own kind: `store.findable` writes it, its migration says what it is.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from subscribers.tables import Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows up by itself only for a column declared exactly INTEGER PRIMARY KEY.
_Number = BigInteger().with_variant(Integer, "sqlite")

revisions = Table(
    "revisions",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("paper", Text, nullable=False),
    Column("words_hash", Text, nullable=False),
    Column("words", Text, nullable=False, comment="JSON; never updated: editions print it"),
    UniqueConstraint("paper", "words_hash"),
)

papers = Table(
    "papers",
    metadata,
    Column("id", Text, primary_key=True, comment="PaperId"),
    Column("gathered", Date, nullable=False, comment="the day it was first gathered"),
    Column("entered", Date, comment="the day of the edition that first listed it"),
    Column("revision", _Number, ForeignKey("revisions.number"), nullable=False),
    Column("signals", Text, nullable=False, comment="JSON: counts, when they were seen, version"),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    Column("absorbed_by", Text, ForeignKey("papers.id"), comment="the work it turned out to be"),
    Index(None, "entered"),
    Index(None, "revision"),
    Index(
        "ix_papers_absorbed_by",
        "absorbed_by",
        sqlite_where=text("absorbed_by IS NOT NULL"),
        postgresql_where=text("absorbed_by IS NOT NULL"),
    ),
)

names = Table(
    "names",
    metadata,
    Column("name", Text, primary_key=True, comment="another PaperId of a work"),
    Column("paper", Text, ForeignKey("papers.id"), comment="null where several works bear it"),
    Index(None, "paper"),
)

curations = Table(
    "curations",
    metadata,
    Column("paper", Text, ForeignKey("papers.id"), primary_key=True),
    Column("verb", Text, nullable=False, comment="pin or drop"),
    Column("note", Text, nullable=False, server_default=""),
    Column("day", Date, nullable=False, comment="from this day's edition on"),
    Column("at", Moment, nullable=False),
)

curator_notes = Table(
    "curator_notes",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("edition", Integer, ForeignKey("editions.number"), comment="null: for the next one"),
)

editions = Table(
    "editions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False, unique=True),
    Column("published_at", Moment, nullable=False),
    Column("listings", Integer, nullable=False),
    Column("entered_today", Integer, nullable=False),
    Column("freshness", Text, nullable=False, server_default="fresh"),
    Column("sentence", Text, nullable=False, server_default="", comment="why that freshness"),
    Column("note", Text, nullable=False, server_default="", comment="the curator's"),
    Column("printed_with", Text, comment="JSON: fingerprints of what shaped its first mail"),
)

mornings = Table(
    "mornings",
    metadata,
    Column("day", Date, primary_key=True),
    Column("begun_at", Moment, nullable=False, comment="when its sources were first asked"),
    Column("judged_at", Moment, nullable=False),
    Column("freshness", Text, nullable=False),
    Column("sentence", Text, nullable=False),
)

lists = Table(
    "lists",
    metadata,
    Column("part", Text, primary_key=True, comment="one list of a source: arXiv cs.AI"),
    Column("day", Date, primary_key=True, comment="of the edition it was read for"),
    Column("listed", Date, comment="the day it is dated"),
    Column("covered", Date, comment="all that was listed up to this day has been read"),
    Column("papers", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False, comment="of the papers' identities"),
    Column("freshness", Text, nullable=False),
    Column("sentence", Text, nullable=False),
)

listings = Table(
    "listings",
    metadata,
    Column("edition", Integer, ForeignKey("editions.number"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("paper", Text, ForeignKey("papers.id"), nullable=False),
    Column("revision", _Number, ForeignKey("revisions.number"), nullable=False),
    Column("entered", Date, nullable=False),
    Column("topics", Text, nullable=False, comment="JSON: [[slug, points, [words]]]"),
    Column("standing", Float, nullable=False),
    Column("standing_words", Text, nullable=False),
    Column("signals", Text, nullable=False, comment="JSON, as they were that morning"),
    Column("pinned", Text, comment="the curator's note, perhaps empty; null where not pinned"),
    Index(None, "paper"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("edition", Integer, ForeignKey("editions.number"), nullable=False),
    Column("subscriber", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default="", comment="why this state"),
    Column("slot", Moment, nullable=False, comment="the moment of her clock that it serves"),
    Column("dated", Moment, nullable=False, comment="the Date header"),
    Column("papers", Text, nullable=False, comment="JSON: [[paper id, reason]], the best first"),
    Column("rest", Text, nullable=False, server_default="[]", comment="JSON: ids, titles only"),
    Column("planned_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_by", Text, comment="the run that has it in hand"),
    Column("claimed_at", Moment),
    Column("retry_at", Moment, comment="deferred: not before"),
    Column("ended_at", Moment, comment="when the outcome was recorded"),
    Column("unknown", Boolean, nullable=False, server_default=false(), comment="no such mailbox"),
    UniqueConstraint("subscriber", "edition"),
    Index(None, "state", "number"),
    Index(None, "edition"),
)
