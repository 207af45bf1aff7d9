import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from newsletter.configuration import load_settings
from newsletter.errors import ConfigurationError
from newsletter.settings import FixedSettings, Settings, every_setting
from subscribers.model import Frequency

Written = Callable[[str], Path]
SECRET = "correct-horse-battery-staple-0123456789"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, and no setting in the environment."""
    for name in [name for name in os.environ if name.upper().startswith("NEWSLETTER_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a newsletter.toml in a folder of its own and returns its path."""

    def write(text: str) -> Path:
        path = tmp_path / "etc" / "newsletter.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


def refusal(config: Path | None = None) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(config)
    assert refused.value.exit_code == 78
    return str(refused.value)


def test_without_a_file_and_an_environment_there_are_the_defaults(here: Path) -> None:
    settings = load_settings()
    inbox = {"folder": {"path": here / "inbox"}}
    assert settings == Settings.model_validate({"data_dir": here / "var", "sources": inbox})
    assert settings.store_url == f"sqlite:///{here}/var/newsletter.sqlite3"
    assert Settings(database_url="sqlite://").store_url == "sqlite://"
    assert (settings.digest.hour, settings.digest.frequency) == (7, Frequency.DAILY)
    assert (settings.timezone, settings.relay.port, settings.edition.window_days) == (
        "UTC",
        587,
        14,
    )


def test_the_environment_goes_before_the_file_and_the_file_before_the_defaults(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = written('timezone = "Europe/Berlin"\n[relay]\nhost = "mx.example.org"\nport = 25\n')
    assert load_settings(config).timezone == "Europe/Berlin"
    monkeypatch.setenv("NEWSLETTER_TIMEZONE", "Asia/Kolkata")
    monkeypatch.setenv("NEWSLETTER_RELAY__PORT", "465")
    monkeypatch.setenv("NEWSLETTER_DIGEST__FREQUENCY", "weekly")
    settings = load_settings(config)
    assert settings.timezone == "Asia/Kolkata"
    assert (settings.relay.host, settings.relay.port) == ("mx.example.org", 465)
    assert (settings.relay.security, settings.relay.connections) == ("starttls", 4)
    assert (settings.digest.frequency, settings.digest.hour) == (Frequency.WEEKLY, 7)


def test_a_whole_table_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY", '{"host": "mx.example.org"}')
    assert load_settings().relay.host == "mx.example.org"


def test_hosts_and_web_addresses_have_one_form(written: Written) -> None:
    settings = load_settings(written("base_url = 'https://x.test/'\nsender.list_id = 'X.Test'"))
    assert (settings.base_url, settings.sender.list_id) == ("https://x.test", "x.test")


def test_the_file_is_the_one_named_or_the_variables_or_the_one_here(
    here: Path, written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "newsletter.toml").write_text('curator = "here"')
    assert load_settings().curator == "here"
    monkeypatch.setenv("NEWSLETTER_CONFIG", str(written('curator = "variable"')))
    assert load_settings().curator == "variable"
    (tmp_path / "named.toml").write_text('curator = "named"')
    assert load_settings(tmp_path / "named.toml").curator == "named"


def test_a_named_file_that_is_missing_is_refused(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = here / "missing.toml"
    assert str(missing) in refusal(missing)
    assert str(here) in refusal(here)
    monkeypatch.setenv("NEWSLETTER_CONFIG", str(missing))
    assert str(missing) in refusal()


@pytest.mark.parametrize("content", [b"curator = ", b"a = 1\na = 2\n", b"curator = '\xff'", b"\0"])
def test_a_file_that_is_not_toml_is_refused(here: Path, content: bytes) -> None:
    config = here / "bad.toml"
    config.write_bytes(content)
    assert refusal(config).startswith(f"{config}: cannot be read: ")


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("nonsense = 1", "nonsense", "is not a setting"),
        ("[sender]\nadress = 'a@b.test'", "sender.adress", "is not a setting"),
        ("sender = 'me'", "sender", "dictionary"),
        ("timezone = 'Mars/Olympus'", "timezone", "IANA time zone"),
        ("timezone = '../../etc/passwd'", "timezone", "IANA time zone"),
        ("base_url = 'papers.example.org'", "base_url", "web address"),
        ("base_url = 'ftp://papers.example.org'", "base_url", "web address"),
        ("base_url = 'https://[x'", "base_url", "web address"),
        ("base_url = 'https://x.test:http'", "base_url", "web address"),
        ("base_url = 'https://x.test:99999'", "base_url", "web address"),
        ("base_url = 'https://me:pw@x.test'", "base_url", "web address"),
        ("base_url = 'https://x.test/?a=b'", "base_url", "web address"),
        ("base_url = 'https://x.test/#'", "base_url", "web address"),
        ("base_url = 'https://x.test/a b'", "base_url", "does not belong into a link"),
        ('base_url = "https://x.test/\\n"', "base_url", "does not belong into a link"),
        ("base_url = 'https://x.test/papers'", "base_url", "at the root of their host"),
        ("base_url = 'https://ü.test'", "base_url", "does not belong into a link"),
        ('curator = "A\\r\\nBcc: x@y.test"', "curator", "control character"),
        ("sender.name = '=?utf-8?q?x?='", "sender.name", "=?"),
        ("sender.address = 'nobody'", "sender.address", "not an address"),
        ("sender.address = 5", "sender.address", "not an address"),
        ("sender.address = {local='a', domain='b'}", "sender.address", "not an address"),
        ("sender.reply_to = 'a@b.test, c@d.test'", "sender.reply_to", "not an address"),
        ("sender.unsubscribe_address = ''", "sender.unsubscribe_address", "address"),
        ("sender.list_id = 'no host'", "sender.list_id", "not a host name"),
        ("sender.bounce_domain = 'a..b'", "sender.bounce_domain", "not a host name"),
        ("relay.port = 0", "relay.port", "greater than or equal to 1"),
        ("relay.port = 65536", "relay.port", "less than or equal to 65535"),
        ("relay.security = 'ssl'", "relay.security", "'starttls', 'tls' or 'none'"),
        ("digest.hour = 24", "digest.hour", "less than or equal to 23"),
        ("digest.frequency = 'monthly'", "digest.frequency", "'daily', 'weekdays' or 'weekly'"),
    ],
)
def test_a_refusal_names_the_file_the_key_and_the_reason(
    written: Written, text: str, key: str, reason: str
) -> None:
    config = written(text)
    message = refusal(config)
    assert message.startswith(f"{config}: {key}: ")
    assert reason in message
    assert "\n" not in message


def test_every_fault_of_a_file_is_named_at_once(written: Written) -> None:
    config = written("nonsense = 1\n[digest]\nhour = 24\n[relay]\nport = 0\n")
    keys = {line.split(": ")[1] for line in refusal(config).splitlines()}
    assert keys == {"nonsense", "digest.hour", "relay.port"}


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("NEWSLETTER_RELAY__PORT", "smtp", "relay.port"),
        ("newsletter_relay__port", "smtp", "relay.port"),
        ("NEWSLETTER_RELAY", '{"port": 0}', "relay.port"),
        ("NEWSLETTER_TIMEZONE", "Mars/Olympus", "timezone"),
        ("NEWSLETTER_TEMPLATES_DIR", "missing", "templates_dir"),
    ],
)
def test_a_fault_of_the_environment_is_not_blamed_on_the_file(
    written: Written, monkeypatch: pytest.MonkeyPatch, name: str, value: str, key: str
) -> None:
    config = written("timezone = 'UTC'\ntemplates_dir = '.'\n[relay]\nport = 25\n")
    monkeypatch.setenv(name, value)
    assert refusal(config).startswith(f"environment: {key}: ")


@pytest.mark.parametrize(
    "name",
    [
        "NEWSLETTER_NONSENSE",
        "NEWSLETTER_RELAY__PROT",
        "NEWSLETTER_RELAY_PORT",
        "NEWSLETTER_RELAY__PORT__X",
        "newsletter_nonsense",
        "NEWSLETTER_",
    ],
)
def test_a_misspelt_variable_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, SECRET)
    message = refusal()
    assert message.startswith(f"environment: {name}: is not a setting")
    assert SECRET not in message


def test_a_table_in_the_environment_that_is_not_json_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY", f"password={SECRET}")
    message = refusal()
    assert message.startswith("environment: ")
    assert '"relay"' in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "text",
    [
        f"[relay]\npassword = ['{SECRET}']",
        f"[relay]\npasword = '{SECRET}'",
        f"[relay]\npassword = '{SECRET}'\nport = 0",
        f"secret_keys = [['{SECRET}']]",
        f"base_url = 'https://me:{SECRET}@x.test'",
        f"base_url = 'https://me:{SECRET}/@x.test'",
        f"base_url = 'https://me:{SECRET}\u2100@x.test'",
        f"database_url = ['postgresql+psycopg://me:{SECRET}@db/x']",
    ],
)
def test_no_refusal_tells_a_secret(written: Written, text: str) -> None:
    assert SECRET not in refusal(written(text))


def test_no_print_of_the_settings_tells_a_password_or_a_key(written: Written) -> None:
    settings = load_settings(written(f"secret_keys = ['{SECRET}']\nrelay.password = '{SECRET}'"))
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())


def test_paths_in_the_file_are_relative_to_it(written: Written) -> None:
    home = written("data_dir = 'd'\ntemplates_dir = 't'\ntopics_file = 'topics.toml'").parent
    (home / "t").mkdir()
    (home / "topics.toml").touch()
    settings = load_settings(Path("../etc/newsletter.toml"))
    for name, path in {"data_dir": "d", "templates_dir": "t", "topics_file": "topics.toml"}.items():
        assert getattr(settings, name).is_absolute()
        assert getattr(settings, name).resolve() == home / path
    assert load_settings(written("")).data_dir == home / "var"


@pytest.mark.parametrize("name", ["data_dir", "templates_dir", "topics_file"])
def test_paths_in_the_environment_are_relative_to_the_current_folder(
    here: Path, written: Written, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (here / "x").touch() if name == "topics_file" else (here / "x").mkdir()
    monkeypatch.setenv(f"NEWSLETTER_{name.upper()}", "x")
    assert getattr(load_settings(written(f"{name} = 'y'")), name) == here / "x"
    assert getattr(load_settings(), name) == here / "x"


@pytest.mark.parametrize(("name", "kind"), [("templates_dir", "folder"), ("topics_file", "file")])
def test_templates_or_topics_that_are_not_there_are_refused(
    written: Written, name: str, kind: str
) -> None:
    config = written(f"{name} = 'x'")
    expected = f"{config}: {name}: there is no {kind} {config.parent / 'x'}"
    assert refusal(config) == expected
    (config.parent / "x").mkdir() if kind == "file" else (config.parent / "x").touch()
    assert refusal(config) == expected


def test_keys_of_the_settings_go_before_those_of_the_file(here: Path) -> None:
    (here / "secret.keys").write_text(f"{'a' * 32}\n\n  {'b' * 40}\n")
    assert Settings(data_dir=here).signing_keys() == (b"a" * 32, b"b" * 40)
    assert Settings(data_dir=here, secret_keys=(SECRET,)).signing_keys() == (SECRET.encode(),)


@pytest.mark.parametrize("content", [None, b"", b"\n", b"a" * 31, b"a" * 32 + b"\nb", b"\xff" * 40])
def test_missing_short_and_unreadable_keys_are_refused(here: Path, content: bytes | None) -> None:
    if content is not None:
        (here / "secret.keys").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"secret\.keys") as refused:
        Settings(data_dir=here).signing_keys()
    assert "aaa" not in str(refused.value)


def test_a_short_key_of_the_settings_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"^secret_keys: ") as refused:
        Settings(secret_keys=(SECRET, SECRET[:31])).signing_keys()
    assert SECRET[:31] not in str(refused.value)


def test_fixed_settings_do_not_see_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_TIMEZONE", "Asia/Kolkata")
    assert (FixedSettings().timezone, Settings().timezone) == ("UTC", "Asia/Kolkata")


def test_every_setting_says_what_it_is_and_none_can_be_changed() -> None:
    assert all(field.description for _, _, field in every_setting())
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().timezone = "Asia/Kolkata"  # type: ignore[misc]


def test_keys_in_the_environment_are_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_SECRET_KEYS", f"{SECRET}  older-{SECRET}")
    assert load_settings().signing_keys() == (SECRET.encode(), f"older-{SECRET}".encode())


def test_a_password_never_goes_in_clear_to_another_machine(written: Written) -> None:
    text = "[relay]\nusername = 'me'\nsecurity = 'none'\nhost = '{}'"
    assert "in clear" in refusal(written(text.format("mx.example.org")))
    assert load_settings(written(text.format("127.0.0.1"))).relay.username == "me"


def test_a_sender_needs_an_address_that_everybody_can_take(written: Written) -> None:
    assert "sender.address" in refusal(written("[sender]\naddress = 'zoë@example.org'"))


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    monkeypatch.setenv("NEWSLETTER_DATA_DIR", "")
    assert load_settings().data_dir == here / "var"


LOCAL = "feed_url = 'http://127.0.0.1:1/rss'\napi_url = 'http://localhost/q'\n"


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("nonsense = 1", "sources.nonsense", "is not a setting"),
        ("arxiv.nonsense = 1", "sources.arxiv.nonsense", "is not a setting"),
        ("folder.paths = 'x'", "sources.folder.paths", "is not a setting"),
        ("huggingface = true", "sources.huggingface", "dictionary"),
        ("enabled = ['pubmed']", "sources.enabled.0", "'huggingface', 'arxiv' or 'folder'"),
        ("timeout = 0", "sources.timeout", "greater than 0"),
        ("retry_wait = 301", "sources.retry_wait", "less than or equal to 300"),
        ("keep_days = 0", "sources.keep_days", "greater than or equal to 1"),
        ("arxiv.pause = 2.9", "sources.arxiv.pause", "must be at least 3: arXiv's terms"),
        ("arxiv.pause = -1", "sources.arxiv.pause", "greater than or equal to 0"),
        ("arxiv.pause = 61", "sources.arxiv.pause", "less than or equal to 60"),
        (f"[sources.arxiv]\n{LOCAL}pause = 0", "sources.arxiv.pause", "must be at least 3"),
        ("arxiv.categories = ['cs.ai']", "sources.arxiv.categories.0", "'cs.ai' is not an arXiv"),
        ("arxiv.categories = ['cs.AI', 'CS']", "sources.arxiv.categories.1", "'CS' is not an"),
        ("arxiv.categories = ['cs.AI+cs.CL']", "sources.arxiv.categories.0", "is not an arXiv"),
        ("arxiv.categories = ['cs.AI/x']", "sources.arxiv.categories.0", "is not an arXiv"),
        ("arxiv.categories = ['cs']", "sources.arxiv.categories.0", "is a whole archive"),
        ("arxiv.categories = ['']", "sources.arxiv.categories.0", "'' is not an arXiv"),
        ("arxiv.categories = 'cs.AI'", "sources.arxiv.categories", "tuple"),
        ("arxiv.feed_url = 'http://rss.arxiv.org/rss'", "sources.arxiv.feed_url", "https://"),
        ("arxiv.api_url = 'rss.arxiv.org'", "sources.arxiv.api_url", "web address"),
        ("arxiv.oai_url = 'https://x.test/?a=b'", "sources.arxiv.oai_url", "web address"),
        ("huggingface.url = 'http://127.0.0.1.x.test'", "sources.huggingface.url", "https://"),
        ("huggingface.url = 'http://localhost@x.test'", "sources.huggingface.url", "web address"),
        ("huggingface.token = 5", "sources.huggingface.token", "valid string"),
        ("arxiv.holidays = ['2026-13-01']", "sources.arxiv.holidays.0", "date"),
        ("arxiv.holidays = ['Christmas']", "sources.arxiv.holidays.0", "date"),
    ],
)
def test_a_refusal_names_the_whole_path_of_a_nested_key(
    written: Written, text: str, key: str, reason: str
) -> None:
    config = written(text if text.startswith("[") else f"[sources]\n{text}")
    message = refusal(config)
    assert message.startswith(f"{config}: {key}: ")
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "category",
    "cs.CL hep-th math.AG q-bio.NC astro-ph.CO cond-mat.mes-hall physics.optics physics.data-an"
    " quant-ph eess.IV nlin.AO".split(),
)
def test_every_kind_of_category_of_arxiv_is_taken(written: Written, category: str) -> None:
    settings = load_settings(written(f"[sources.arxiv]\ncategories = ['{category}']"))
    assert settings.sources.arxiv.categories == (category,)


def test_arxiv_may_be_asked_faster_where_all_of_it_is_on_this_machine(written: Written) -> None:
    text = f"[sources.arxiv]\npause = 0\n{LOCAL}oai_url = 'http://[::1]:8080/oai/'\n"
    arxiv = load_settings(written(text)).sources.arxiv
    assert (arxiv.pause, arxiv.oai_url) == (0, "http://[::1]:8080/oai")
    assert load_settings(written("")).sources.arxiv.pause == 3


def test_nested_keys_have_variables_that_go_before_the_file(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = written(
        "[sources]\nenabled = ['arxiv']\n[sources.arxiv]\ncategories = ['cs.AI']\npause = 5\n"
    )
    monkeypatch.setenv("NEWSLETTER_SOURCES__ARXIV__CATEGORIES", '["hep-th"]')
    monkeypatch.setenv("NEWSLETTER_SOURCES__KEEP_DAYS", "7")
    monkeypatch.setenv("NEWSLETTER_SOURCES__HUGGINGFACE__TOKEN", "hf_x\n")
    sources = load_settings(config).sources
    assert sources.arxiv.categories == ("hep-th",)
    assert (sources.enabled, sources.arxiv.pause, sources.keep_days) == (("arxiv",), 5, 7)
    token = sources.huggingface.token
    assert token
    assert token.get_secret_value() == "hf_x"


def test_a_whole_nested_table_may_stand_in_the_environment(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_SOURCES__ARXIV", '{"categories": []}')
    sources = load_settings(written("[sources.arxiv]\npause = 5")).sources
    assert (sources.arxiv.categories, sources.arxiv.pause) == ((), 5)


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("NEWSLETTER_SOURCES__ARXIV__PAUSE", "1", "sources.arxiv.pause"),
        ("NEWSLETTER_SOURCES__ARXIV__PAUSE", "soon", "sources.arxiv.pause"),
        ("NEWSLETTER_SOURCES__ARXIV__CATEGORIES", '["x y"]', "sources.arxiv.categories.0"),
        ("NEWSLETTER_SOURCES__ARXIV", '{"categories": ["x y"]}', "sources.arxiv.categories.0"),
        ("NEWSLETTER_SOURCES", '{"keep_days": 0}', "sources.keep_days"),
    ],
)
def test_a_fault_of_a_nested_variable_is_not_blamed_on_the_file(
    written: Written, monkeypatch: pytest.MonkeyPatch, name: str, value: str, key: str
) -> None:
    config = written("[sources]\nkeep_days = 5\n[sources.arxiv]\ncategories = ['cs.AI']\n")
    monkeypatch.setenv(name, value)
    assert refusal(config).startswith(f"environment: {key}: ")


@pytest.mark.parametrize(
    "name",
    [
        "NEWSLETTER_SOURCES__ARXIV__PUASE",
        "NEWSLETTER_SOURCES__ARXIV__PAUSE__X",
        "NEWSLETTER_SOURCES__PUBMED",
        "NEWSLETTER_SOURCES_ARXIV_PAUSE",
        "NEWSLETTER_ARXIV__PAUSE",
    ],
)
def test_a_misspelt_nested_variable_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "5")
    assert refusal().startswith(f"environment: {name}: is not a setting")


def test_a_list_in_the_environment_that_is_not_json_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSLETTER_SOURCES__ARXIV__CATEGORIES", "cs.AI,cs.CL")
    message = refusal()
    assert message.startswith("environment: ")
    assert '"sources"' in message


@pytest.mark.parametrize("token", [f"{SECRET}é", f"{SECRET}\\n{SECRET}", f"Bearer {SECRET}"])
def test_a_token_that_fits_into_no_header_is_refused_and_not_told(
    written: Written, token: str
) -> None:
    message = refusal(written(f'[sources.huggingface]\ntoken = "{token}"'))
    assert "sources.huggingface.token: holds a character that no access token has" in message
    assert SECRET not in message


def test_the_folder_s_path_is_relative_to_the_file_or_to_the_current_folder(
    here: Path, written: Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = written("[sources.folder]\npath = 'drop/here'")
    assert load_settings(config).sources.folder.path == config.parent / "drop/here"
    written(f"[sources.folder]\npath = '{tmp_path}/drop'")
    assert load_settings(config).sources.folder.path == tmp_path / "drop"
    assert load_settings(written("")).sources.folder.path == config.parent / "inbox"
    monkeypatch.setenv("NEWSLETTER_SOURCES__FOLDER__PATH", "drop")
    assert load_settings(config).sources.folder.path == here / "drop"
    monkeypatch.delenv("NEWSLETTER_SOURCES__FOLDER__PATH")
    monkeypatch.setenv("NEWSLETTER_SOURCES", '{"folder": {"path": "drop"}}')
    assert load_settings(config).sources.folder.path == here / "drop"
