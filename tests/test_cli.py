"""The command line as a person meets it: in a process of its own, by what it prints and how it ends."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from formengine import bootstrap, cli, config
from formengine.core.lifecycle import DeliveryStatus
from formengine.storage.database import open_stores
from formengine.storage.keys import KeyRing
from tests import opened
from tests.delivery.servers import free_port

ROOT = Path(__file__).parents[1]


def formengine(*arguments, cwd=ROOT, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FORMENGINE_")}
    return subprocess.run(
        [sys.executable, "-m", "formengine.cli", *map(str, arguments)],
        cwd=cwd,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def only_line(run):
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 1, run.stderr
    return lines[0]


def test_the_shipped_forms_have_no_mistakes():
    run = formengine("check")
    assert run.returncode == 0, run.stdout
    assert "error:" not in run.stdout


def test_check_names_file_line_column_and_remedy(tmp_path):
    schema = tmp_path / "dog.schema.json"
    schema.write_text(
        '{\n  "type": "object",\n  "required": ["breed"],\n  "properties": {"bread": {"type": "string"}}\n}'
    )
    run = formengine("check", schema)
    assert run.returncode == 1
    assert "dog.schema.json:3:" in run.stdout
    assert "error:" in run.stdout
    assert "breed" in run.stdout
    assert "bread" in run.stdout, "the nearest spelling is offered"


def test_check_finds_a_short_form_that_is_not_there(tmp_path):
    (tmp_path / "forms").mkdir()
    (tmp_path / "schemas").mkdir()
    schema = '{"type": "object", "properties": {"a": {"const": 1}}}'
    for name in ("long", "short"):
        (tmp_path / "schemas" / f"{name}.schema.json").write_text(schema)
    form = {"id": "long", "version": "1", "schema": "long.schema.json", "title": "Lang", "quick": "shrot"}
    (tmp_path / "forms" / "long.json").write_text(json.dumps(form, indent=1))
    run = formengine("check", tmp_path / "forms" / "long.json")
    assert 'long.json:6:11: error: there is no other form "shrot" (did you mean "short"?)' in run.stdout, run.stdout


def test_check_names_a_syntax_error_with_its_place(tmp_path):
    schema = tmp_path / "dog.schema.json"
    schema.write_text('{\n  "type": "object",,\n}')
    run = formengine("check", schema)
    assert run.returncode == 1
    assert "dog.schema.json:2:20: error:" in run.stdout


@pytest.mark.parametrize(("name", "told"), [("no-such.json", "no such file"), ("forms", "forms is a folder")])
def test_check_of_what_is_no_file_says_so(name, told):
    run = formengine("check", name)
    assert run.returncode == 2
    assert told in only_line(run)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "eighty"], "FORMENGINE_PORT is a whole number"),
        (["--port", "8000", "--staff-port", "8000"], "need two"),
        (["--schema", "no-such.json"], "no such file"),
        (["--forms", "/no/such/folder"], "no such folder"),
        (["--host", "192.0.2.1"], "use https"),
    ],
)
def test_run_refuses_bad_arguments_in_one_line(tmp_path, arguments, told):
    run = formengine("run", "--data", tmp_path / "data", *arguments)
    assert run.returncode == 2
    assert told in only_line(run)


def test_run_says_that_a_port_is_in_use(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = formengine("run", "--data", tmp_path, "--port", taken.getsockname()[1])
    assert run.returncode == 2
    assert "choose another with --port" in only_line(run)


def test_run_says_that_the_data_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    run = formengine("run", "--data", tmp_path / "file" / "data")
    assert run.returncode == 2
    assert "choose another with --data" in only_line(run)
    run = formengine("run", "--data", tmp_path / "file")
    assert only_line(run) == f"formengine: {tmp_path / 'file'} is a file; name a folder with --data"


def test_publishing_twice_changes_nothing(tmp_path):
    environment = {"FORMENGINE_DATA": str(tmp_path)}
    assert formengine("migrate", **environment).returncode == 0
    first = formengine("publish", **environment)
    assert "published bildung-und-teilhabe" in first.stdout
    assert "nothing is new" in formengine("publish", **environment).stdout


def test_a_broken_form_is_named_and_the_others_are_published(tmp_path):
    broken = tmp_path / "broken.schema.json"
    broken.write_text(json.dumps({"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}}))
    sound = tmp_path / "sound.schema.json"
    sound.write_text(json.dumps({"type": "object", "properties": {"a": {"type": "string"}}}))
    environment = {"FORMENGINE_DATA": str(tmp_path), "FORMENGINE_SCHEMA_FILES": f"{broken}:{sound}"}
    formengine("migrate", **environment)
    run = formengine("publish", **environment)
    assert run.returncode == 1
    assert "broken.schema.json:1:" in run.stderr
    assert "published sound" in run.stdout
    assert "published broken" not in run.stdout


def test_verify_of_something_else_than_a_pdf_does_not_hold(tmp_path):
    other = tmp_path / "letter.pdf"
    other.write_bytes(b"not a PDF")
    run = formengine("verify", other)
    assert run.returncode == 1
    assert "kein lesbares PDF" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no-such.pdf"], "no-such.pdf: No such file or directory"),
        (["tests"], "tests: Is a directory"),
        (["README.md", "--root", "no-such.crt"], "no-such.crt: No such file or directory"),
        (["README.md", "--root", "README.md"], "README.md holds no certificate"),
    ],
)
def test_verify_of_a_file_that_cannot_be_read_says_which(arguments, told):
    run = formengine("verify", *arguments)
    assert run.returncode == 2
    assert only_line(run) == f"formengine: {told}"


@pytest.fixture
def parked(tmp_path_factory):
    """A data folder with one application that is parked and one that was delivered; their references."""
    data = tmp_path_factory.mktemp("data")
    settings = config.load({"FORMENGINE_DATA": str(data)})
    bootstrap.prepare_data(settings)
    bootstrap.ensure_test_keys(settings)
    opened.close(opened.at_once(data))
    (data / "app.db").rename(data / "formengine.db")
    stores = open_stores(settings.database_url, settings.files_url, pepper=b"p" * 32, ring=KeyRing(settings.ring))
    references = {}
    for status, note in ((DeliveryStatus.FAILED, {"error": "no"}), (DeliveryStatus.DELIVERED, {"receipt": "yes"})):
        reference = opened.send(stores, "folder")
        with stores.write() as work:
            sending = work.deliveries.load(reference, "folder").changed(DeliveryStatus.SENDING)
            work.deliveries.save(sending.changed(status, **note))
        references[status.value] = reference
    opened.close(stores)
    return data, references


def test_deliveries_are_listed_with_state_and_reason(parked):
    data, references = parked
    run = formengine("deliveries", FORMENGINE_DATA=str(data))
    lines = {line.split("\t")[0]: line.split("\t") for line in run.stdout.splitlines()}
    assert set(lines) == set(references.values())
    failed = lines[references["failed"]]
    assert failed[1:3] + failed[4:7] == ["musterstadt", "lunch", "folder", "failed", "attempts 1"]
    assert failed[-1] == "no"
    assert lines[references["delivered"]][-1] == "yes"


@pytest.fixture
def deliveries(parked, monkeypatch, capsys):
    """Runs `formengine deliveries` in this process: its status and what it prints."""
    monkeypatch.setenv("FORMENGINE_DATA", str(parked[0]))

    def run(*arguments):
        status = cli.main(["deliveries", *arguments])
        told = capsys.readouterr()
        return status, told.out + told.err

    return run


def test_what_is_parked_is_tried_again_and_what_was_delivered_sent_again(parked, deliveries):
    _, references = parked
    status, told = deliveries("list", "--state", "failed")
    assert [line.split("\t")[0] for line in told.splitlines()] == [references["failed"]]
    status, told = deliveries("retry", references["delivered"])
    assert status == 1
    assert "is delivered" in told
    assert deliveries("resend", references["delivered"].lower())[0] == 0
    status, told = deliveries("retry", "--all")
    assert references["failed"] in told
    assert references["delivered"] not in told
    assert len(deliveries("list", "--state", "waiting")[1].splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [(["retry"], 2, "name the applications"), (["resend", "--all"], 2, "name the applications"),
     (["retry", "AAAA-AAAA-AAA"], 1, "there is no application")],
)  # fmt: skip
def test_deliveries_says_what_it_lacks(deliveries, arguments, status, told):
    found = deliveries(*arguments)
    assert found[0] == status
    assert told in found[1]


def test_a_channel_that_is_configured_wrongly_is_named_before_anything_starts(tmp_path):
    operator = tmp_path / "operator.toml"
    operator.write_text("[[tenant]]\nid='a'\n[tenant.channels]\n'*'=['hook']\n[tenant.channel.hook]\nkind='webhook'\n")
    run = formengine("run", "--data", tmp_path / "data", "--port", free_port(), FORMENGINE_CONFIG=str(operator))
    assert run.returncode == 2
    assert "tenant a, channel hook: the option 'url' is missing" in run.stderr


def test_enc_06_keys_are_rotated_by_two_people_and_the_log_says_so(parked, tmp_path, monkeypatch, capsys):
    data, _ = parked
    operator = tmp_path / "operator.toml"
    monkeypatch.setenv("FORMENGINE_DATA", str(data))

    def run(*arguments):
        status = cli.main(["keys", *arguments])
        told = capsys.readouterr()
        return status, told.out + told.err

    def name(fingerprints):
        operator.write_text(f"[[tenant]]\nid = 'musterstadt'\nauthority_keys = {json.dumps(fingerprints)}\n")
        monkeypatch.setenv("FORMENGINE_CONFIG", str(operator))

    lines = [line.split() for line in run("list")[1].splitlines()]
    before = [line[0] for line in lines if "authority" in line]
    assert len(before) == 2
    name(before)
    status, told = run("rotate", "authority")
    new = told.split("waiting is now ")[1].split()[0]
    assert (status, "let somebody else put that into authority_keys" in told) == (0, True)
    assert run("rotate", "authority") == (
        2,
        f"formengine: {new} waits for a second person, who names it in authority_keys (ENC-06)\n",
    )
    name([*before, new])
    status, told = run("rotate", "authority")
    assert (status, f"active is now {new}" in told, "1 former key retired" in told) == (0, True, True)
    with bootstrap.opened(config.load({"FORMENGINE_DATA": str(data)})) as engine, engine.stores.read() as work:
        actions = [(line.action, line.detail) for line in work.audit.lines("musterstadt")]
    assert [one for one in actions if one[0].startswith("key.")] == [
        ("key.waiting", f"authority working {new}"), ("key.active", f"authority working {new}"),
    ]  # fmt: skip
    name(["no fingerprint"])
    assert "is no fingerprint of a key" in run("list")[1]


def test_enc_09_the_pepper_is_rotated_and_the_former_one_kept(tmp_path, monkeypatch, capsys):
    settings = config.load({"FORMENGINE_DATA": str(tmp_path)})
    bootstrap.prepare_data(settings)
    (before,) = bootstrap.read_peppers(settings)
    monkeypatch.setenv("FORMENGINE_DATA", str(tmp_path))
    assert cli.main(["keys", "rotate", "pepper"]) == 0
    assert "start the sites anew" in capsys.readouterr().out
    new, former = bootstrap.read_peppers(settings)
    assert former == before != new
    assert settings.pepper_file.stat().st_mode & 0o077 == 0
    assert bootstrap.build(settings).stores.former_peppers == (before,)


def test_a_data_folder_that_is_made_is_open_to_its_account_alone(tmp_path):
    settings = config.load({"FORMENGINE_DATA": str(tmp_path / "new" / "data")})
    bootstrap.prepare_data(settings)
    assert settings.data.stat().st_mode & 0o077 == 0
