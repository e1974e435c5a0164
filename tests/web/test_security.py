"""Headers on everything, cookies, and posts that did not come whole from our own page."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from PIL import Image

from formengine import bootstrap
from formengine.web.app import create_app
from formengine.web.security import HEADERS
from tests.web.applicant import FORM, Applicant, serve


@pytest.mark.parametrize("path", ["/", "/small/", "/nowhere", "/static/nothing", "/livez", "/small/tasks", "/resume"])
def test_every_response_carries_the_headers(ada: Applicant, path: str) -> None:
    response = ada.client.get(path)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert response.headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_for_ever_and_nothing_else_is(ada: Applicant) -> None:
    page = ada.get("/")
    for address in [page.soup.select_one("link[rel=stylesheet]")["href"], page.soup.select_one("script")["src"]]:
        response = ada.client.get(address, headers={"Accept-Encoding": "gzip"})
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Content-Encoding"] == "gzip"


def test_the_session_cookie_holds_a_secret_and_nothing_else(ada: Applicant, site: Flask) -> None:
    ada.start()
    cookie = ada.client.get_cookie("formengine")
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.path == "/"
    assert len(cookie.value) == 43
    database = site.extensions["formengine"].engine.settings.data
    assert not any(cookie.value.encode() in path.read_bytes() for path in database.glob("formengine.db*"))


def test_a_new_application_gets_a_new_secret(ada: Applicant) -> None:
    ada.start()
    before = ada.client.get_cookie("formengine").value
    ada.start()
    assert ada.client.get_cookie("formengine").value != before


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"_token": "wrong"}, {}),
        ({"_token": None}, {}),
        ({"_end": None}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({"/foreign": "x"}, {}),
        ({"/name": ["a", "b"]}, {}),
        ({"_revision": "x"}, {}),
    ],
)
def test_a_forged_post_is_refused_and_changes_nothing(ada: Applicant, fields: dict, headers: dict) -> None:
    page = ada.start()
    data = dict(page.hidden()) | {"_action": "next", "/name": "Forged"} | fields
    response = ada.client.post(
        "/small/you/", data={name: value for name, value in data.items() if value is not None}, headers=headers
    )
    assert response.status_code == 400
    assert ada.get("/small/you/").controls()[0].chosen == ("",)


def test_a_wrong_token_shows_the_step_again_with_what_was_typed(ada: Applicant) -> None:
    page = ada.start()
    data = dict(page.hidden()) | {"_token": "old", "_action": "next", "/name": "Typed"}
    response = ada.client.post("/small/you/", data=data)
    assert 'value="Typed"' in response.text
    assert 'data-page="question"' in response.text


def test_every_form_that_posts_carries_token_and_end(ada: Applicant) -> None:
    ada.fill()
    paths = ["/small/", "/small/you/", "/small/children/", "/small/proofs/lease/", "/small/declarations"]
    for path in [*paths, "/small/save", "/small/device", "/resume", "/accessibility"]:
        for form in ada.get(path).soup.select("form[method=post]"):
            names = [tag["name"] for tag in form.select("[name]")]
            assert names[-1] == "_end", path
            assert "_token" in names, path


def test_an_unknown_host_is_not_answered(ada: Applicant) -> None:
    assert ada.client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_post_after_the_end_of_the_session_says_so_and_keeps_what_was_typed(ada: Applicant) -> None:
    page = ada.start()
    ada.client.delete_cookie("formengine")
    data = dict(page.hidden()) | {"_action": "next", "/name": "Ada"}
    response = ada.client.post("/small/you/", data=data)
    assert response.status_code == 401
    assert "Ada" in response.text


def test_every_route_carries_exactly_one_mark_of_who_may_use_it(site: Flask) -> None:
    for rule in site.url_map.iter_rules():
        view = site.view_functions[rule.endpoint]
        assert getattr(view, "access", "") in {"public", "applicant"}, rule.endpoint


def test_a_page_that_is_read_changes_no_row(ada: Applicant, site: Flask) -> None:
    ada.start()
    engine = site.extensions["formengine"].engine
    path = engine.settings.data / "formengine.db"

    def rows() -> list[str]:
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(path)) as connection:
            return list(connection.iterdump())

    before = rows()
    for address in ["/", "/small/", "/small/you/?lang=en", "/small/tasks", "/small/review", "/small/device", "/resume"]:
        ada.client.get(address)
    assert rows() == before


def test_lim_01_behind_a_proxy_each_applicant_counts_alone_and_nobody_chooses_an_address(tmp_path: Path) -> None:
    built = serve(tmp_path).extensions["formengine"].engine
    site = create_app(bootstrap.build(replace(built.settings, proxies=1)))

    def tries(*seen: str) -> list[int]:
        """The answers to wrong codes of somebody whom the proxy saw at the last of these addresses."""
        who = Applicant(site)
        who.client.environ_base["REMOTE_ADDR"] = "127.0.0.1"
        who.client.environ_base["HTTP_X_FORWARDED_FOR"] = ", ".join(seen)
        page = who.get("/resume")
        return [who.press(page, _code="0" * 25).status for _ in range(11)]

    assert tries("192.0.2.1")[-1] == 429
    assert tries("192.0.2.2")[0] == 422
    assert tries("198.51.100.7", "192.0.2.1")[0] == 429, "what an applicant wrote there does not count"


@pytest.mark.parametrize("path", ["/resume", "/small/you/", "/small/proofs/lease/"])
@pytest.mark.parametrize("fields", ["a=b&" * 5_000, "&".join(f"/a{i}=b" for i in range(5_001))])
def test_ans_08_a_post_of_far_too_many_fields_is_refused_before_it_is_read(
    ada: Applicant, path: str, fields: str
) -> None:
    ada.start()
    response = ada.client.post(path, data=fields, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413


def multipart(fields: Mapping[str, str], name: str, file: bytes) -> dict[str, Any]:
    """What a browser sends; the test client's own way leaves a temporary file open."""
    sent = httpx.Request("POST", "http://localhost", data=fields, files={name: ("foto.jpg", file)})
    return {"data": sent.read(), "content_type": sent.headers["Content-Type"]}


def test_upl_01_a_file_that_comes_with_no_session_is_not_read(site: Flask) -> None:
    """Nobody's hundred megabytes take no memory; what is typed on a step is kept all the same."""
    response = Applicant(site).client.post("/small/proofs/lease/", **multipart({}, "file", b"0" * 3_000_000))
    assert response.status_code == 401
    assert "Die Sitzung ist beendet" in response.text


def test_upl_01_a_photo_that_is_an_answer_may_be_as_large_as_a_proof(tmp_path: Path) -> None:
    photo: object = {"type": "string", "contentMediaType": "image/jpeg", "title": "Ihr Foto"}
    schema = {"type": "object", "properties": {"photo": photo}}
    form = {key: FORM[key] for key in ("id", "version", "schema", "title", "languages")}
    ada = Applicant(serve(tmp_path, schema, {**form, "steps": [{"id": "you", "title": "Sie", "fields": ["/photo"]}]}))
    page = ada.start()
    jpeg = BytesIO()
    Image.frombytes("RGB", (1500, 1500), random.Random(1).randbytes(1500 * 1500 * 3)).save(jpeg, "JPEG", quality=95)
    assert len(jpeg.getvalue()) > 2_500_000
    fields = dict(page.hidden()) | {"_action": "next"}
    response = ada.client.post("/small/you/", **multipart(fields, "/photo", jpeg.getvalue()))
    assert (response.status_code, response.location) == (303, "/small/review")


@pytest.mark.parametrize("path", ["/small", "/small//tasks", "//evil.example//small/"])
def test_lim_03_a_redirect_to_the_address_as_it_is_written_names_no_host(ada: Applicant, path: str) -> None:
    response = ada.client.get(
        path, base_url="http://localhost:8080", environ_overrides={"REQUEST_URI": path, "PATH_INFO": path}
    )
    assert response.status_code == 308
    assert response.location.startswith("/")
    assert not response.location.startswith("//")
