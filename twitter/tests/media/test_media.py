import errno
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, SettingsWrapper

from twitter import actions
from twitter.actions.media import sweep_uploads
from twitter.media.pictures import THUMBNAIL_SIDE
from twitter.media.storage import StorageError, store
from twitter.models import Media, Tweet, User
from twitter.tasks import thumbnail
from twitter.tests.conftest import caller
from twitter.tests.factories import make_person, picture


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


def bytes_of(media: Any) -> Any:
    with default_storage.open(media.file.name) as file:
        return file.read()


def content(media: Any) -> Any:
    return Image.open(io.BytesIO(bytes_of(media)))


def upload(api: Any, file: Any, **more: Any) -> Any:
    return api.post("/api/medias", {"file": file, **more})


@pytest.mark.parametrize(
    ("format", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp")]
)
def test_a_picture_is_taken_in_and_shown(api: Any, format: str, extension: str) -> None:
    answer = upload(api, picture(format, name="not-what-it-seems.txt"), alt="Кот")
    media = Media.objects.get(pk=answer.json()["media_id"])
    shown = Client().get(answer.json()["url"])

    assert (media.width, media.height, media.alt) == (40, 30, "Кот")
    assert answer.json()["url"].endswith(f".{extension}")
    assert shown.headers["Content-Type"] == f"image/{format.lower()}"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in shown.headers["Cache-Control"]
    assert Image.open(io.BytesIO(shown.content)).size == (40, 30)


@pytest.mark.parametrize("known_as", ["{}", "W/{}", '"other", {}'])
def test_a_browser_that_has_a_picture_is_not_sent_it_again(api: Any, known_as: str) -> None:
    url = upload(api, picture()).json()["url"]
    first = Client().get(url)

    known = known_as.format(first.headers["ETag"])
    again = Client(headers={"if-none-match": known}).get(url)

    assert (again.status_code, again.content) == (304, b"")


def test_where_and_how_a_picture_was_taken_is_not_passed_on(ann: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the right
    exif[0x010F] = "Camera of Ann"
    exif.get_ifd(0x8825)[2] = (55.0, 45.0, 0.0)  # where on Earth

    media = actions.upload_media(ann, picture("JPEG", (40, 30), exif=exif, comment=b"secret"))

    stored = content(media)
    assert not stored.getexif()
    assert b"Camera" not in bytes_of(media)
    assert b"secret" not in bytes_of(media)
    assert stored.size == (media.width, media.height) == (30, 40)
    red, _green, blue = stored.convert("RGB").getpixel((15, 2))
    assert red > blue  # what was on the left is above


def test_an_animation_goes_on_moving(ann: Any) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=50)

    media = actions.upload_media(ann, SimpleUploadedFile("a.gif", file.getvalue()))

    assert content(media).n_frames == 3


@pytest.mark.parametrize(
    "made",
    [
        SimpleUploadedFile("cat.png", b"", "image/png"),
        SimpleUploadedFile("cat.png", b"<svg onload='alert(1)'/>", "image/png"),
        SimpleUploadedFile("cat.png", b"<script>alert(1)</script>", "image/png"),
        SimpleUploadedFile("cat.png", b"\x89PNG\r\n\x1a\n broken", "image/png"),
        picture("BMP"),
        picture("TIFF"),
    ],
    ids=["empty", "svg", "html", "broken", "bmp", "tiff"],
)
def test_what_is_no_picture_of_ours_is_refused(api: Any, made: Any) -> None:
    made.seek(0)
    answer = upload(api, made)

    assert (answer.status_code, answer.json()["error_type"]) == (415, "unsupported_media_type")
    assert not Media.objects.exists()


def test_a_cut_off_picture_is_refused(api: Any) -> None:
    whole = picture("JPEG", (300, 300)).read()

    assert upload(api, SimpleUploadedFile("a.jpg", whole[: len(whole) // 2])).status_code == 415


def test_too_many_bytes_are_refused(api: Any, settings: SettingsWrapper) -> None:
    settings.PICTURE_MAX_BYTES = 50

    answer = upload(api, picture())

    assert (answer.status_code, answer.json()["error_type"]) == (413, "too_large")


def test_a_bomb_is_refused_before_it_is_decoded(api: Any) -> None:
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")

    answer = upload(api, SimpleUploadedFile("bomb.png", file.getvalue()))

    assert (answer.status_code, answer.json()["error_type"]) == (400, "invalid")


def test_the_frames_of_an_animation_count_together(api: Any, settings: SettingsWrapper) -> None:
    settings.PICTURE_MAX_PIXELS = 1000
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])

    assert upload(api, SimpleUploadedFile("a.gif", file.getvalue())).status_code == 400


@pytest.mark.parametrize(
    "name",
    [
        "../settings.py",
        "..%2f..%2fdb.sqlite3",
        "p-x.png",
        "p-" + "x" * 24 + ".png",
        "%00",
        "a" * 300,
    ],
)
def test_no_address_leads_to_another_file(db: Any, name: Any) -> None:
    answer = Client().get(f"/api/medias/{name}")

    assert answer.status_code == 404
    assert answer.json()["result"] is False


def test_a_hidden_tweets_pictures_are_hidden(ann: Any) -> None:
    media = actions.upload_media(ann, picture())
    tweet = actions.post_tweet(ann, "Кот", [media])
    actions.delete_tweet(ann, tweet)

    assert Client().get(media.url).status_code == 404


def test_moderators_see_the_pictures_of_a_hidden_tweet_in_the_admin(
    ann: Any, moderator: Any
) -> None:
    media = actions.upload_media(ann, picture())
    actions.delete_tweet(ann, actions.post_tweet(ann, "Кот", [media]))
    of_moderator, of_author = Client(), Client()
    of_moderator.force_login(moderator)
    of_author.force_login(ann)

    assert of_moderator.get(media.url).status_code == 200
    assert of_author.get(media.url).status_code == 404


def test_pictures_are_shown_in_the_order_they_were_chosen_in(api: Any, ann: Any) -> None:
    first, second = actions.upload_media(ann, picture()), actions.upload_media(ann, picture())
    sent = {"tweet_data": "x", "tweet_media_ids": [second.pk, first.pk]}

    api.post("/api/tweets", sent, "application/json")

    (tweet,) = api.get("/api/tweets").json()["tweets"]
    assert tweet["attachments"] == [second.url, first.url]


@pytest.mark.parametrize("whose", ["another", "shown", "twice"])
def test_only_ones_own_new_pictures_may_be_attached(api: Any, ann: Any, whose: str) -> None:
    owner = make_person("bob") if whose == "another" else ann
    media = actions.upload_media(owner, picture())
    if whose == "shown":
        actions.post_tweet(ann, "Кот", [media])
    ids = [media.pk, media.pk] if whose == "twice" else [media.pk]

    sent = {"tweet_data": "Мой кот", "tweet_media_ids": ids}
    answer = api.post("/api/tweets", sent, "application/json")

    assert (answer.status_code, answer.json()["error_type"]) == (400, "invalid")
    assert not Tweet.objects.filter(text="Мой кот").exists()


def test_a_thumbnail_is_made_and_used(ann: Any) -> None:
    media = actions.upload_media(ann, picture("PNG", (2000, 1000)))
    assert media.thumbnail_url == media.url

    thumbnail(media.pk)

    media.refresh_from_db()
    answer = Client().get(media.thumbnail_url)
    assert Image.open(io.BytesIO(answer.content)).size == (THUMBNAIL_SIDE, THUMBNAIL_SIDE // 2)


def test_a_thumbnail_that_cannot_be_made_is_not_tried_again(ann: Any) -> None:
    media = actions.upload_media(ann, picture())
    stored = str(media.file.name)
    default_storage.delete(stored)
    default_storage.save(stored, SimpleUploadedFile("x", b"broken"))

    with pytest.raises(OSError, match="cannot identify"):
        thumbnail(media.pk)

    assert not Media.objects.without_thumbnail().exists()


def test_uploads_that_nobody_posts_expire(ann: Any, settings: SettingsWrapper) -> None:
    old, new, posted = (actions.upload_media(ann, picture()) for _ in range(3))
    actions.post_tweet(ann, "Кот", [posted])
    Media.objects.exclude(pk=new.pk).update(
        created_at=timezone.now() - timedelta(hours=settings.UPLOADS_KEPT_HOURS + 1)
    )

    assert sweep_uploads() == 1
    assert set(Media.objects.all()) == {new, posted}
    assert not default_storage.exists(str(old.file.name))


def test_nobody_fills_the_disk_with_uploads(ann: Any) -> None:
    Media.objects.bulk_create(
        Media(owner=ann, token=str(n), kind="image/png", size=1, width=1, height=1)
        for n in range(100)
    )

    with pytest.raises(ValidationError):
        actions.upload_media(ann, picture())


def test_an_upload_needs_a_file(ann: Any) -> None:
    assert caller(ann).post("/api/medias", {}).status_code == 400


# --- no room -------------------------------------------------------------------------------------


class StorageFull(FileSystemStorage):
    """A storage on a disk that has no room left, or that cannot be reached."""

    error: OSError = OSError(errno.ENOSPC, "No space left on device")

    def _save(self, name: Any, content: Any) -> None:
        raise self.error


class ReadOnly(StorageFull):
    error = OSError(errno.EROFS, "Read-only file system")


class Away(StorageFull):
    error = ConnectionError("The bucket cannot be used.")


@pytest.fixture(
    params=[(StorageFull, 507), (ReadOnly, 507), (Away, 503)], ids=lambda it: str(it[1])
)
def no_room(request: Any, settings: SettingsWrapper) -> Any:
    """Return the status with which uploads are refused."""
    storage, status = request.param
    name = f"{storage.__module__}.{storage.__name__}"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": name}}
    return status


@pytest.mark.parametrize("path", ["/api/medias", "/api/users/me/avatar"])
def test_an_upload_that_cannot_be_stored_is_refused_with_the_reason(
    api: Any, path: str, no_room: Any
) -> None:
    answer = api.post(path, {"file": picture()})

    assert answer.status_code == no_room
    assert answer.json()["error_type"] in ("insufficient_storage", "unavailable")
    assert "Files" in answer.json()["error_message"] or "space" in answer.json()["error_message"]
    assert not Media.objects.exists()
    assert not User.objects.get(username="ann").avatar


@pytest.mark.parametrize("path", ["/post", "/settings"])
def test_the_page_says_that_a_picture_cannot_be_stored(
    signed_in: Any, path: str, no_room: Any
) -> None:
    form = {"text": "x", "pictures": picture(), "name": "Анна Новая", "avatar": picture()}
    answer = signed_in.post(path, form)

    assert answer.status_code == 507
    assert "administrators" in answer.content.decode() or "Try again" in answer.content.decode()
    assert not Tweet.objects.exists()


def test_an_avatar_stays_when_the_new_one_cannot_be_stored(
    api: Any,
    ann: Any,
    settings: SettingsWrapper,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        url = api.post("/api/users/me/avatar", {"file": picture()}).json()["avatar"]
    former = settings.STORAGES
    settings.STORAGES = {**former, "default": {"BACKEND": f"{__name__}.StorageFull"}}

    with django_capture_on_commit_callbacks(execute=True):
        api.post("/api/users/me/avatar", {"file": picture()})

    settings.STORAGES = former
    assert Client().get(url).status_code == 200


def test_pictures_of_a_tweet_that_is_refused_are_deleted(
    signed_in: Any, settings: SettingsWrapper
) -> None:
    bad = SimpleUploadedFile("a.png", b"no picture")

    signed_in.post("/post", {"text": "x", "pictures": [picture(), bad]})

    assert not Media.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_file_whose_row_cannot_be_written_is_deleted(ann: Any, settings: SettingsWrapper) -> None:
    media = Media(owner=ann, token="t", kind="image/png", size=1, width=1, height=1)

    with pytest.raises(RuntimeError), store(media.file, "p-t.png", b"1"):
        raise RuntimeError

    assert not default_storage.exists(str(media.file.name))


def test_a_thumbnail_without_room_is_tried_again_later(ann: Any, settings: SettingsWrapper) -> None:
    media = actions.upload_media(ann, picture())
    former = settings.STORAGES
    settings.STORAGES = {**former, "default": {"BACKEND": f"{__name__}.StorageFull"}}

    with pytest.raises(StorageError):
        thumbnail(media.pk)

    settings.STORAGES = former
    assert list(Media.objects.without_thumbnail()) == [media]
