"""What a thief of disk, database, log or settings gets: ciphertext and numbers, not one word."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import MetaData, create_engine, select

from intake_app.config import Config
from intake_app.envelopes import open_sealed
from intake_app.errors import BadEnvelope
from intake_app.sealing import Secrets, load_secrets, petitioner_private
from intake_app.tables import files, submissions
from tests.intake.conftest import Postgres
from tests.online.citizens import Office, all_bytes
from tests.online.servers import Browser, Letter, Scribe, Server, connection, deliver, filled

NAME = "阿依古丽·买买提·吐尔逊"
PHONE = "13987654321"
STREET = "云岭县石榴巷77号3单元"
STORY = "邻居家的猪圈挨着水井"
FILE_NAME = "离婚判决书第七页"
FILE_WORDS = b"SECRET-SCAN-OF-A-VERDICT"
TYPED = {"name": NAME, "phone": PHONE, "address": STREET}


def disguises(word: bytes) -> Iterator[bytes]:
    """The bytes as they are, as hex, and as they lie inside of base64, whatever stands before."""
    yield word
    yield word.hex().encode()
    for before in range(3):
        coded = b64encode(b"\0" * before + word)
        whole = coded[-(-before * 8 // 6) : len(coded) - (4 if coded.endswith(b"=") else 0)]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def spellings(word: str) -> set[bytes]:
    """A text in the encodings and escapes that programs write."""
    plain = [
        word.encode(),
        word.encode("gb18030"),
        word.encode("utf-16-le"),
        word.encode("unicode-escape"),
        quote(word).encode(),
    ]
    return {one for form in plain for one in disguises(form)}


def test_the_search_finds_what_is_hidden() -> None:
    """The search itself: text in base64 at any place, in hex, escaped, in GB 18030."""
    for before in ("", "x", "xy", "xyz"):
        text = f"{before}{NAME}后面".encode()
        assert any(one in b64encode(text) for one in spellings(NAME))
        assert any(one in text.hex().encode() for one in spellings(NAME))
    assert NAME.encode("gb18030") in spellings(NAME)
    assert NAME.encode("unicode-escape") in spellings(NAME)


@dataclass
class Theft:
    """A server that received a bit of everything, and the folders that it could write to."""

    server: Server
    office: Office
    folders: list[Path]
    received: list[Letter]

    def secrets(self) -> list[str]:
        codes = [form for one in self.received for form in (one.code, one.code.replace("-", ""))]
        return [NAME, PHONE, STREET, STORY, FILE_NAME, FILE_WORDS.decode(), *codes]

    def found_in(self, loot: bytes) -> list[str]:
        return [one for one in self.secrets() if any(form in loot for form in spellings(one))]


@pytest.fixture(params=["sqlite", "postgresql"])
def theft(
    request: pytest.FixtureRequest,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start_server: Callable[..., Server],
) -> Iterator[Theft]:
    """Everything that a citizen can do was done, also what went wrong; on each database."""
    places = [config.home, tmp_path / "temporary"]
    places[1].mkdir()
    monkeypatch.setenv("TMPDIR", str(places[1]))
    if request.param == "sqlite":
        yield robbed(start_server(), Office(config), places)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as url:
        server = start_server(database_url=url)
        yield robbed(server, Office(replace(config, database_url=url)), [*places, postgres.home])
        server.close()


def robbed(server: Server, office: Office, folders: list[Path]) -> Theft:
    received = []
    for slug in ("suggestion", "appeal", "report", "enquiry", "appointment"):
        letter = personal(office, slug)
        deliver(server.browser(), letter, lambda: False)
        received.append(letter)
        assert server.browser().look_up(letter.number, letter.code).status == 200
    go_wrong(server.browser(), personal(office, "suggestion"), received[0])
    return Theft(server, office, folders, received)


def personal(office: Office, slug: str) -> Letter:
    letter = Scribe(office).letter(slug, (3000, 700_000) if slug == "suggestion" else ())
    for one in office.form(slug).fields:
        if one.id in TYPED:
            letter.answers[one.id] = TYPED[one.id]
        elif one.type == "longtext" and one.id in letter.answers:
            letter.answers[one.id] = f"{STORY}。" * 40
    letter.files = {
        f"{FILE_NAME}{nth}": data + FILE_WORDS * 500
        for nth, data in enumerate(letter.files.values())
    }
    return letter


def go_wrong(browser: Browser, letter: Letter, other: Letter) -> None:
    """Mistakes carry words, too: an error page, a lost cookie, a wrong code, a wrong address."""
    form = browser.get("/forms/suggestion/")
    wrong = {"q_subject": "", "step": "check", "csrf_token": "x", "form_token": NAME}
    for name, value in wrong.items():
        data = filled(form, letter.answers, letter.files)
        data.setlist(name, [value])
        browser.post("/forms/suggestion/", data)
    browser.look_up(other.number, NAME)
    browser.look_up(NAME, other.code)
    browser.get(f"/forms/{quote(NAME)}/?name={quote(NAME)}&phone={PHONE}")
    browser.get(f"/{PHONE}?{quote(STORY)}")


def test_no_word_of_anybody_lies_anywhere(theft: Theft) -> None:
    """Not in the database, its log, the server's output, its settings or its command line."""
    server = theft.server
    loot = all_bytes(theft.folders) + server.log.read_bytes()
    for pid in server.pids():
        for name in ("environ", "cmdline"):
            loot += Path(f"/proc/{pid}/{name}").read_bytes()
    for letter in theft.received:
        assert letter.number.encode() in loot  # this is the right place to look

    assert theft.found_in(loot) == []


def test_no_word_stands_in_any_column(theft: Theft) -> None:
    """Every value of every table, read as the database gives it."""
    engine = create_engine(theft.office.config.store_url)
    tables = MetaData()
    tables.reflect(engine)
    loot = []
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                loot += [one if isinstance(one, bytes) else str(one).encode() for one in row]
    engine.dispose()
    assert len(loot) > 100

    assert theft.found_in(b"\n".join(loot)) == []


def test_a_file_under_way_touches_no_disk_in_the_clear(start_server: Callable[..., Server]) -> None:
    """While an upload arrives, its temporary file, deleted but open, holds only ciphertext."""
    server = start_server()
    words = FILE_WORDS * 40_000  # 960 kB
    head = (
        b"POST /online/forms/suggestion/ HTTP/1.1\r\nHost: www.yunling.example\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2000000\r\n\r\n"
        b'--x\r\nContent-Disposition: form-data; name="q_files"; filename="a.pdf"\r\n\r\n%PDF-'
    )
    with connection(server) as one:
        one.sendall(head + words)
        held = b""
        while len(held) < len(words) * 2 // 3:
            held = open_files(server)
        assert FILE_WORDS not in held


def open_files(server: Server) -> bytes:
    """The bytes of all regular files that the server holds open, deleted ones too."""
    found = b""
    for pid in server.pids():
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if link.is_file() and "(deleted)" in str(link.readlink()):
                    found += link.read_bytes()
    return found


def test_the_public_process_opens_nothing_with_all_that_it_holds(
    config: Config, tmp_path: Path, start_server: Callable[..., Server]
) -> None:
    """It runs with public.json alone; none of the keys in there opens an answer or a file."""
    keys = tmp_path / "public"
    keys.mkdir()
    (keys / "public.json").touch(0o600)
    (keys / "public.json").write_bytes((config.keys_dir / "public.json").read_bytes())
    server = start_server(keys=keys)
    letter = personal(Office(config), "suggestion")
    deliver(server.browser(), letter, lambda: False)
    server.kill()

    secrets = load_secrets(keys)
    held = [getattr(secrets, name) for name in Secrets.__slots__]
    held += [petitioner_private(secrets, letter.number, code) for code in ("", letter.number)]
    engine = create_engine(config.store_url)
    with engine.connect() as connection:
        envelopes = [
            *connection.execute(select(submissions.c.sealed)).scalars(),
            *connection.execute(select(files.c.head)).scalars(),
        ]
    engine.dispose()
    assert len(envelopes) == 3
    for key in held:
        for envelope in envelopes:
            with pytest.raises(BadEnvelope):
                open_sealed(key, envelope)
    (opened,) = Office(config).submissions()  # with the office's passphrase
    assert opened.files == letter.files
