"""`[relay] dkim_key`: one text or a list of them, in the file and in the environment."""

from pathlib import Path

import pytest

from newsletter.configuration import load_settings
from newsletter.errors import ConfigurationError
from newsletter.values import DkimKey

VARIABLE = "NEWSLETTER_RELAY__DKIM_KEY"


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a newsletter.toml; the current folder is another one."""
    (tmp_path / "here").mkdir()
    (tmp_path / "etc").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "etc"


def keys(etc: Path, line: str = "") -> tuple[DkimKey, ...] | None:
    config = etc / "newsletter.toml"
    config.write_text(f"[relay]\n{line}\n", "utf-8")
    return load_settings(config).relay.dkim_key


def refusal(etc: Path, line: str = "") -> str:
    with pytest.raises(ConfigurationError) as refused:
        keys(etc, line)
    assert refused.value.exit_code == 78
    return str(refused.value)


def test_without_it_nothing_is_signed(etc: Path) -> None:
    assert keys(etc) is None


def test_one_key_is_a_text_and_several_are_a_list(etc: Path) -> None:
    first, second = DkimKey("s1", etc / "keys/a=b.pem"), DkimKey("e1.mail", etc / "e1.pem")
    assert keys(etc, "dkim_key = 's1=keys/a=b.pem'") == (first,)
    assert keys(etc, "dkim_key = ['s1=keys/a=b.pem']") == (first,)
    assert keys(etc, "dkim_key = ['s1 = keys/a=b.pem', 'e1.mail=e1.pem']") == (first, second)


def test_a_path_that_is_absolute_stays(etc: Path, tmp_path: Path) -> None:
    path = tmp_path / "keys/dkim.pem"
    assert keys(etc, f"dkim_key = 's1={path}'") == (DkimKey("s1", path),)


def test_the_environment_goes_first_and_is_relative_to_the_current_folder(
    etc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (DkimKey(name, tmp_path / f"here/{name}.pem") for name in ("s1", "e1"))
    for value, expected in {
        "s1=s1.pem": (first,),
        '["s1=s1.pem", "e1=e1.pem"]': (first, second),
    }.items():
        monkeypatch.setenv(VARIABLE, value)
        assert keys(etc, "dkim_key = 'other=other.pem'") == expected
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("NEWSLETTER_RELAY", '{"dkim_key": "s1=s1.pem"}')
    assert keys(etc, "port = 25") == (first,)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("'keys/dkim.pem'", "is not a selector and a file"),
        ("'s1='", "is not a selector and a file"),
        ("''", "is not a selector and a file"),
        ("'=keys/dkim.pem'", "'' cannot be a selector"),
        ("'s_1=a.pem'", "'s_1' cannot be a selector"),
        ("'s1.=a.pem'", "'s1.' cannot be a selector"),
        ("'-s1=a.pem'", "'-s1' cannot be a selector"),
        ("'s1-=a.pem'", "'s1-' cannot be a selector"),
        ("'s;1=a.pem'", "'s;1' cannot be a selector"),
        ("'ü=a.pem'", "'ü' cannot be a selector"),
        ('"s\\n1=a.pem"', "cannot be a selector"),
        ('"s1=a\\u0000.pem"', "is not a selector and a file"),
        (f"'{'s' * 64}=a.pem'", "cannot be a selector"),
        ("['s1=a.pem', 'S1=b.pem']", "names a selector twice"),
        ("5", "is not a text such as"),
        ("['s1=a.pem', 5]", "is not a text such as"),
        ("{s1 = 'a.pem'}", "is not a text such as"),
    ],
)
def test_what_is_no_key_is_refused(etc: Path, value: str, reason: str) -> None:
    message = refusal(etc, f"dkim_key = {value}")
    assert message.startswith(f"{etc / 'newsletter.toml'}: relay.dkim_key: ")
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize("value", ["keys/dkim.pem", '["s1"]', '{"s1": "a.pem"}', "[]]"])
def test_a_fault_of_the_variable_is_not_blamed_on_the_file(
    etc: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    assert refusal(etc).startswith("environment: relay.dkim_key: ")
