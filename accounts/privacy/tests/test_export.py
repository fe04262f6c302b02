"""People get a copy of their own data, complete, without secrets, and nobody else gets it."""

import io
import json
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.privacy.actions import delete_outdated, delete_strays, request_export
from accounts.privacy.models import FILE_LIFETIME, DataExport
from accounts.privacy.tasks import export as run_export
from accounts.privacy.tasks import sweep
from bots.models import PachcaAccount
from jobs.rows import MAX_CLAIMS, State
from twitter import actions
from twitter.models import ApiKey, User
from twitter.tests.factories import picture


@pytest.fixture
def ready(ann: User) -> DataExport:
    """A copy of Ann's data that was made."""
    row = request_export(ann)
    run_export(row.pk)
    return DataExport.objects.get(pk=row.pk)


def contents(row: DataExport) -> dict[str, Any]:
    with default_storage.open(str(row.file.name)) as file, ZipFile(file) as archive:
        assert archive.testzip() is None
        return {
            name: json.loads(archive.read(name)) if name.endswith(".json") else archive.read(name)
            for name in archive.namelist()
        }


def test_the_copy_has_what_the_person_wrote_did_and_uploaded(
    ann: User, bob: User, sockets: Any
) -> None:
    media = actions.upload_media(ann, picture())
    own = actions.post_tweet(ann, "hello #world", [media])
    other = actions.post_tweet(bob, "a secret of Bob")
    actions.like(ann, other)
    actions.bookmark(ann, other)
    actions.follow(ann, bob)
    actions.like(bob, own)
    _, key = ApiKey.objects.make(ann, "reports")
    PachcaAccount.objects.link(ann, 12, in_sandbox=False)

    row = request_export(ann)
    run_export(row.pk)

    data = contents(DataExport.objects.get(pk=row.pk))
    assert data["profile.json"][0]["username"] == "ann"
    assert [tweet["text"] for tweet in data["tweets.json"]] == ["hello #world"]
    assert [like["tweet"] for like in data["likes.json"]] == [other.pk]
    assert [each["tweet"] for each in data["bookmarks.json"]] == [other.pk]
    assert [each["followed__username"] for each in data["follows.json"]] == ["bob"]
    assert [each["actor__username"] for each in data["notifications.json"]] == ["bob"]
    assert [each["name"] for each in data["api_keys.json"]] == ["reports"]
    assert [each["pachca_user_id"] for each in data["pachca_accounts.json"]] == [12]
    assert [each["action"] for each in data["actions.json"]] == ["export"]
    assert data[f"files/{media.file.name}"][:4] == b"\x89PNG"
    texts = json.dumps({name: it for name, it in data.items() if name.endswith(".json")})
    for secret in (key, ApiKey.objects.get().hash, "a secret of Bob", "password"):
        assert secret not in texts


def test_a_person_without_anything_gets_a_copy_too(ready: DataExport) -> None:
    data = contents(ready)

    assert ready.state == State.DONE
    assert data["tweets.json"] == []


def test_a_missing_file_does_not_keep_the_rest_from_being_copied(ann: User, sockets: Any) -> None:
    media = actions.upload_media(ann, picture())
    default_storage.delete(str(media.file.name))

    row = request_export(ann)
    run_export(row.pk)

    assert "pictures.json" in contents(DataExport.objects.get(pk=row.pk))


def test_the_page_leads_from_the_request_to_the_file(signed_in: Client, ann: User) -> None:
    asked = signed_in.post("/account/data", follow=True)
    run_export(DataExport.objects.get().pk)
    ready = signed_in.get("/account/data")
    file = signed_in.get(f"/account/data/{DataExport.objects.get().pk}.zip")

    assert "The copy is being made." in asked.content.decode()
    assert "Download" in ready.content.decode()
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].startswith('attachment; filename="svyaz-')
    assert "no-store" in file.headers["Cache-Control"]
    archive = ZipFile(io.BytesIO(b"".join(file.streaming_content)))  # type: ignore[attr-defined]
    assert "profile.json" in archive.namelist()


def test_nobody_else_gets_the_file(
    ready: DataExport, client: Client, bob: User, root: User
) -> None:
    path = f"/account/data/{ready.pk}.zip"
    statuses = [client.get(path).status_code]
    for person in (bob, root):
        client.force_login(person)
        statuses.append(client.get(path).status_code)
    stored = client.get(f"/api/medias/{str(ready.file.name).removeprefix('exports/')}")

    assert statuses == [302, 404, 404]
    assert stored.status_code == 404


def test_a_second_request_returns_the_open_one(ann: User) -> None:
    first = request_export(ann)

    assert request_export(ann) == first
    assert DataExport.objects.count() == 1
    assert AuditEvent.objects.filter(action="export", actor=ann).count() == 1


def test_files_expire_and_are_deleted(ready: DataExport, signed_in: Client) -> None:
    with time_machine.travel(timezone.now() + FILE_LIFETIME + timedelta(seconds=1)):
        assert signed_in.get(f"/account/data/{ready.pk}.zip").status_code in (302, 404)
        assert delete_outdated() == 1

    assert not default_storage.exists(str(ready.file.name))
    assert not DataExport.objects.exists()


def test_the_sweep_leaves_what_is_not_outdated(ready: DataExport, bob: User) -> None:
    waiting = request_export(bob)

    sweep()

    assert set(DataExport.objects.all()) == {ready, waiting}


def test_a_failure_is_tried_again_and_then_shown(
    ann: User, signed_in: Client, settings: Any, tmp_path: Any
) -> None:
    row = request_export(ann)
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a directory")
    settings.MEDIA_ROOT = in_the_way
    run_export(row.pk)
    tried = DataExport.objects.get(pk=row.pk)
    assert tried.state == State.WAITING

    DataExport.objects.filter(pk=row.pk).update(attempts=9, due_at=timezone.now())
    run_export(row.pk)

    assert DataExport.objects.get(pk=row.pk).state == State.FAILED
    assert "could not be made" in signed_in.get("/account/data").content.decode()


def test_a_copy_that_another_worker_makes_is_not_made_twice(ann: User) -> None:
    row = request_export(ann)
    claimed = DataExport.objects.claim(row.pk)

    run_export(row.pk)

    assert claimed is not None
    assert DataExport.objects.get(pk=row.pk).state == State.WORKING


def test_a_copy_whose_workers_all_ended_in_the_middle_is_given_up(ann: User) -> None:
    row = request_export(ann)
    DataExport.objects.filter(pk=row.pk).update(attempts=MAX_CLAIMS)

    run_export(row.pk)

    given_up = DataExport.objects.get(pk=row.pk)
    assert (given_up.state, given_up.error) == (State.FAILED, "WorkersDied")


def test_a_file_that_no_row_names_is_deleted_once_it_is_old(ready: DataExport) -> None:
    stray = default_storage.save("exports/stray.zip", ContentFile(b"draft"))

    delete_strays()
    assert default_storage.exists(stray)

    DataExport.objects.update(expires_at=timezone.now() + 9 * FILE_LIFETIME)
    with time_machine.travel(timezone.now() + FILE_LIFETIME + timedelta(seconds=1)):
        delete_strays()

    assert not default_storage.exists(stray)
    assert default_storage.exists(str(ready.file.name))


def test_a_new_copy_takes_the_place_of_the_former_one(ann: User, ready: DataExport) -> None:
    row = request_export(ann)
    assert default_storage.exists(str(ready.file.name))

    run_export(row.pk)

    assert set(DataExport.objects.all()) == {row}
    assert not default_storage.exists(str(ready.file.name))
