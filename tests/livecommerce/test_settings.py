import os
import subprocess
import sys
from pathlib import Path

import pytest

from livecommerce import settings
from livecommerce.settings import SettingsRefused, load

NOWHERE = Path("/nonexistent/.env")


def refusal(**variables: str) -> str:
    with pytest.raises(SettingsRefused) as refused:
        load(variables, NOWHERE)
    return str(refused.value)


def test_without_variables_the_defaults_hold() -> None:
    tree = load({}, NOWHERE)
    assert (tree.http.port, tree.media.node, tree.database.url) == (8080, "media-1", None)
    assert tree.public_url == "http://localhost:8080"


def test_the_first_word_names_the_section_and_the_rest_the_field() -> None:
    tree = load({"LIVECOMMERCE_TOKENS_ACCESS_TTL_S": "60"}, NOWHERE)
    assert tree.tokens.access_ttl_s == 60


def test_lists_are_written_with_commas() -> None:
    tree = load(
        {
            "LIVECOMMERCE_HTTP_ALLOWED_ORIGINS": "https://a.example, https://b.example",
            "LIVECOMMERCE_HTTP_TRUSTED_PROXIES": "10.0.0.0/8,fd00::/8",
        },
        NOWHERE,
    )
    assert tree.http.allowed_origins == ("https://a.example", "https://b.example")
    assert [str(network) for network in tree.http.trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]


def test_the_usual_names_of_database_urls_work_and_the_full_names_win() -> None:
    short = {"DATABASE_URL": "postgresql://short/x", "REDIS_URL": "redis://short"}
    full = {**short, "LIVECOMMERCE_DATABASE_URL": "postgresql://full/x"}
    for variables, host in ((short, "short"), (full, "full")):
        tree = load(variables, NOWHERE)
        assert tree.database.url is not None
        assert tree.database.url.get_secret_value() == f"postgresql://{host}/x"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LIVECOMMERCE_HTTP_PORT=1111\nLIVECOMMERCE_CHAT_BURST=7\nEDITOR=vi\n")
    tree = load({"LIVECOMMERCE_HTTP_PORT": "2222"}, file)
    assert (tree.http.port, tree.chat.burst) == (2222, 7)


def test_a_misspelt_name_in_the_file_is_refused_with_a_guess(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LIVECOMMERCE_HTTP_PROT=1111\n")
    with pytest.raises(SettingsRefused, match="did you mean LIVECOMMERCE_HTTP_PORT"):
        load({}, file)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("HTTP_PORT", "80a", "is '80a'; it must be a whole number from 1 to 65535."),
        ("HTTP_PORT", "0", "is '0'; it must be a whole number from 1 to 65535."),
        ("CHAT_PER_S", "0", "is '0'; it must be a number above 0 up to 100."),
        ("LOG_LEVEL", "loud", "is 'loud'; it must be debug, info, warning or error."),
        ("HTTP_PUBLIC_URL", "shop", "it must be a URL without a path"),
        ("HTTP_PUBLIC_URL", "https://a.example/shop", "it must be a URL without a path"),
        ("HTTP_TRUSTED_PROXIES", "10.0.0.0/8,b", "it must be networks such as 10.0.0.0/8"),
        ("MEDIA_NODE", "A B", "it must be a text matching"),
        ("NONSENSE", "1", "is not a setting; `livecommerce settings` lists all."),
    ],
)
def test_a_bad_value_is_one_sentence_with_the_name_and_what_is_allowed(
    variable: str, value: str, sentence: str
) -> None:
    name = f"LIVECOMMERCE_{variable}"
    said = refusal(**{name: value})
    assert said.startswith(name)
    assert sentence in said
    assert "\n" not in said


def test_a_refused_secret_is_not_quoted() -> None:
    said = refusal(DATABASE_URL="mysql://root:hunter2@db/shop")
    assert "hunter2" not in said
    assert "postgresql://" in said


def test_all_faults_are_told_at_once() -> None:
    said = refusal(LIVECOMMERCE_HTTP_PORT="x", LIVECOMMERCE_CHAT_BURST="x", LIVECOMMERCE_X_Y="1")
    assert len(said.splitlines()) == 3


def test_supabase_tokens_need_an_issuer() -> None:
    said = refusal(LIVECOMMERCE_TOKENS_SUPABASE_HS256_SECRET="s" * 40)
    assert "LIVECOMMERCE_TOKENS_SUPABASE_ISSUER" in said


def test_a_supabase_issuer_without_a_key_is_not_silently_ignored() -> None:
    said = refusal(LIVECOMMERCE_TOKENS_SUPABASE_ISSUER="https://p.supabase.co/auth/v1")
    assert "LIVECOMMERCE_TOKENS_SUPABASE_JWKS_URL" in said


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"HUB_PROCESSES": "2", "HUB_PORTS": "own"}, "8080 to 8081"),
        ({"HUB_PROCESSES": "8", "HTTP_PORT": "8090"}, "8081 to 8090"),
        ({"HUB_PROCESSES": "4", "ADMIN_PORT": "65531"}, "up to 65536 are needed"),
        ({"HUB_PROCESSES": "2", "HUB_PORTS": "own", "HTTP_PORT": "65535"}, "up to 65536"),
        ({"HUB_PROCESSES": "0"}, "LIVECOMMERCE_HUB_PROCESSES is '0'; it must be a whole number"),
    ],
)
def test_ports_that_do_not_fit_all_hubs_are_refused(variables: dict[str, str], said: str) -> None:
    assert said in refusal(**{f"LIVECOMMERCE_{name}": text for name, text in variables.items()})


def test_every_setting_is_described_and_listed() -> None:
    table = settings.markdown()
    for name, field in settings.fields().items():
        assert field.description, f"{name} has no description"
        assert f"`{name}`" in table


def test_a_bad_setting_ends_a_command_with_78_and_no_traceback(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "livecommerce", "worker"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.getcwd(), "LIVECOMMERCE_HTTP_PORT": "many"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == settings.BAD_CONFIGURATION
    assert ran.stderr == (
        "livecommerce: LIVECOMMERCE_HTTP_PORT is 'many'; "
        "it must be a whole number from 1 to 65535.\n"
    )
