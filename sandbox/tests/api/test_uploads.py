"""Files: granted, uploaded, attached, served."""

import unicodedata
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from sandbox.models import Upload

PNG = b"\x89PNG\r\n\x1a\n picture"


def grant(caller: Any) -> Any:
    fields = caller.post("/uploads").json()
    return urlsplit(fields.pop("direct_url")).path, fields


def upload(
    caller: Any, name: Any = "cat.png", content: Any = PNG, content_type: Any = "image/png"
) -> Any:
    path, fields = grant(caller)
    file = SimpleUploadedFile(name, content, content_type)
    response = Client().post(path, {**fields, "file": file})
    assert response.status_code == 204, response.content
    return fields["key"].replace("${filename}", name)


def read(response: Any) -> Any:
    return b"".join(response.streaming_content)


def attach(caller: Any, chat: Any, **file: Any) -> Any:
    body = {"entity_id": chat.pk, "content": "", "files": [file]}
    return caller.post("/messages", {"message": body})


def test_a_file_goes_all_the_way(as_ann: Any, as_nobody: Any, chat: Any) -> None:
    key = upload(as_ann)

    response = attach(as_ann, chat, key=key, name="cat.png", file_type="image", size=1, width=9)
    file = response.json()["data"]["files"][0]

    assert (file["key"], file["width"], file["height"]) == (key, 9, None)
    url = urlsplit(file["url"])
    served = as_nobody.client.get(f"{url.path}?{url.query}")
    assert read(served) == PNG
    assert served["Content-Type"] == "image/png"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Content-Disposition"].startswith("inline")


def test_a_file_needs_a_key_to_be_read(
    as_ann: Any, as_stranger: Any, as_nobody: Any, ann: Any
) -> None:
    path = f"/sandbox/files/{upload(as_ann)}"

    assert as_nobody.client.get(path).status_code == 401
    assert as_nobody.client.get(path, {"token": "guess"}).status_code == 401
    assert read(as_nobody.client.get(path, {"token": ann.token})) == PNG
    assert read(as_ann.client.get(path)) == PNG
    assert as_ann.client.get(path + "x").status_code == 404


def test_what_could_run_scripts_is_downloaded(as_ann: Any) -> None:
    for name, kind in (("a.html", "text/html"), ("a.svg", "image/svg+xml")):
        served = as_ann.client.get(f"/sandbox/files/{upload(as_ann, name, b'<b>', kind)}")

        assert served["Content-Disposition"].startswith("attachment")
        assert read(served) == b"<b>"


@pytest.mark.parametrize("field", ["key", "policy", "x-amz-signature"])
def test_only_what_was_granted_is_taken(as_ann: Any, field: str) -> None:
    path, fields = grant(as_ann)

    for wrong in ({**fields, field: "other"}, {k: v for k, v in fields.items() if k != field}):
        response = Client().post(path, {**wrong, "file": SimpleUploadedFile("a.txt", b"a")})
        assert response.status_code == 400
    assert not Upload.objects.exists()


def test_the_file_is_the_last_field(as_ann: Any) -> None:
    path, fields = grant(as_ann)
    file = SimpleUploadedFile("a.txt", b"a")
    body = encode_multipart(BOUNDARY, {"file": file, **fields})

    response = Client().generic("POST", path, body, content_type=MULTIPART_CONTENT)
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"", "multipart/form-data"),
        (b"junk", "multipart/form-data; boundary=x"),
        (b"--x\r\njunk", "multipart/form-data; boundary=x"),
        (b"--x--", "multipart/form-data; boundary=\xff"),
    ],
)
def test_junk_is_refused(as_ann: Any, body: bytes, content_type: str) -> None:
    path, _fields = grant(as_ann)

    response = Client().generic("POST", path, body, content_type=content_type)

    assert response.status_code == 400
    assert response.json()["errors"]


@pytest.mark.parametrize(
    "name",
    [
        "кот №1?&#.txt",
        "отчёт .pdf ",
        unicodedata.normalize("NFD", "Отчёт за май.pdf"),
        "я" * 125 + ".pdf",
        "👩‍👩‍👧.tar.gz",
        "no extension",
    ],
)
def test_a_file_goes_all_the_way_whatever_it_is_called(
    as_ann: Any, as_nobody: Any, chat: Any, name: Any
) -> None:
    key = upload(as_ann, name, b"content", "text/plain")

    response = attach(as_ann, chat, key=key, name=name, file_type="file", size=1)

    url = urlsplit(response.json()["data"]["files"][0]["url"])
    assert key.endswith(f"/{name}")
    assert read(as_nobody.client.get(f"{url.path}?{url.query}")) == b"content"


@pytest.mark.parametrize("name", ["я" * 126 + ".pdf", "a" * 256, "👍" * 64])
def test_a_name_that_no_storage_holds_is_refused(as_ann: Any, name: Any) -> None:
    path, fields = grant(as_ann)

    file: Any = SimpleUploadedFile("x", b"a")
    file._name = name
    response = Client().post(path, {**fields, "file": file})

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "too_long"


def test_folders_are_no_part_of_a_name(as_ann: Any) -> None:
    path, fields = grant(as_ann)
    file: Any = SimpleUploadedFile("x", b"a")
    file._name = "../../cat.txt"

    assert Client().post(path, {**fields, "file": file}).status_code == 204
    assert Upload.objects.get().key == fields["key"].replace("${filename}", "cat.txt")


VOICE = {"name": "a.mp3", "file_type": "voice", "size": 1}


def test_a_voice_message_says_how_long_it_is(as_bot: Any, chat: Any) -> None:
    key = upload(as_bot, "a.mp3", b"ID3", "audio/mpeg")

    assert attach(as_bot, chat, key=key, **VOICE).status_code == 422
    voice = attach(as_bot, chat, key=key, **VOICE, duration_ms=900, waveform="4,8").json()["data"]

    content = {"duration_ms": 900, "waveform": "4,8", "transcript": None}
    assert voice["voice_content"] == content
    assert voice["files"][0]["duration_ms"] == 900


def test_a_file_that_was_not_uploaded_is_not_attached(as_ann: Any, chat: Any) -> None:
    upload(as_ann)
    file = {"name": "cat.png", "file_type": "image", "size": 1}

    assert attach(as_ann, chat, key="attaches/files/no", **file).status_code == 422


def test_the_extension_of_a_name_is_that_of_the_file(as_ann: Any, chat: Any) -> None:
    response = attach(as_ann, chat, key=upload(as_ann), name="a.gif", file_type="image", size=1)

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "wrong_params"


def test_a_file_may_not_be_too_large(as_ann: Any) -> None:
    path, _fields = grant(as_ann)

    response = Client().generic("POST", path, b"", CONTENT_LENGTH=str(10**9))

    assert response.status_code == 413
