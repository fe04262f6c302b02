import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from twitter import actions
from twitter.actions.media import sweep_uploads
from twitter.models import Media, Tweet
from twitter.pictures import THUMBNAIL_SIDE
from twitter.tasks import thumbnail
from twitter.tests.conftest import caller
from twitter.tests.factories import make_person, picture


@pytest.fixture(autouse=True)
def quiet(sockets):
    """Nothing here leaves for a broker."""


def stored(media):
    with default_storage.open(media.file.name) as file:
        return file.read()


def content(media):
    return Image.open(io.BytesIO(stored(media)))


def upload(api, file, **more):
    return api.post("/api/medias", {"file": file, **more})


@pytest.mark.parametrize(
    ("format", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp")]
)
def test_a_picture_is_taken_in_and_shown(api, format, extension):
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
def test_a_browser_that_has_a_picture_is_not_sent_it_again(api, known_as):
    url = upload(api, picture()).json()["url"]
    first = Client().get(url)

    known = known_as.format(first.headers["ETag"])
    again = Client(headers={"if-none-match": known}).get(url)

    assert (again.status_code, again.content) == (304, b"")


def test_where_and_how_a_picture_was_taken_is_not_passed_on(ann):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the right
    exif[0x010F] = "Camera of Ann"
    exif.get_ifd(0x8825)[2] = (55.0, 45.0, 0.0)  # where on Earth

    media = actions.upload_media(ann, picture("JPEG", (40, 30), exif=exif, comment=b"secret"))

    kept = content(media)
    assert not kept.getexif()
    assert b"Camera" not in stored(media)
    assert b"secret" not in stored(media)
    assert kept.size == (media.width, media.height) == (30, 40)
    red, _green, blue = kept.convert("RGB").getpixel((15, 2))
    assert red > blue  # what was on the left is above


def test_an_animation_goes_on_moving(ann):
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
def test_what_is_no_picture_of_ours_is_refused(api, made):
    made.seek(0)
    answer = upload(api, made)

    assert (answer.status_code, answer.json()["error_type"]) == (415, "unsupported_media_type")
    assert not Media.objects.exists()


def test_a_cut_off_picture_is_refused(api):
    whole = picture("JPEG", (300, 300)).read()

    assert upload(api, SimpleUploadedFile("a.jpg", whole[: len(whole) // 2])).status_code == 415


def test_too_many_bytes_are_refused(api, settings):
    settings.PICTURE_MAX_BYTES = 50

    answer = upload(api, picture())

    assert (answer.status_code, answer.json()["error_type"]) == (413, "too_large")


def test_a_bomb_is_refused_before_it_is_decoded(api):
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")

    answer = upload(api, SimpleUploadedFile("bomb.png", file.getvalue()))

    assert (answer.status_code, answer.json()["error_type"]) == (400, "invalid")


def test_the_frames_of_an_animation_count_together(api, settings):
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
def test_no_address_leads_to_another_file(db, name):
    answer = Client().get(f"/api/medias/{name}")

    assert answer.status_code == 404
    assert answer.json()["result"] is False


def test_a_hidden_tweets_pictures_are_hidden(ann):
    media = actions.upload_media(ann, picture())
    tweet = actions.post_tweet(ann, "Кот", [media])
    actions.delete_tweet(ann, tweet)

    assert Client().get(media.url).status_code == 404


def test_pictures_are_shown_in_the_order_they_were_chosen_in(api, ann):
    first, second = actions.upload_media(ann, picture()), actions.upload_media(ann, picture())
    sent = {"tweet_data": "x", "tweet_media_ids": [second.pk, first.pk]}

    api.post("/api/tweets", sent, "application/json")

    (tweet,) = api.get("/api/tweets").json()["tweets"]
    assert tweet["attachments"] == [second.url, first.url]


@pytest.mark.parametrize("whose", ["another", "shown", "twice"])
def test_only_ones_own_new_pictures_may_be_attached(api, ann, whose):
    owner = make_person("bob") if whose == "another" else ann
    media = actions.upload_media(owner, picture())
    if whose == "shown":
        actions.post_tweet(ann, "Кот", [media])
    ids = [media.pk, media.pk] if whose == "twice" else [media.pk]

    sent = {"tweet_data": "Мой кот", "tweet_media_ids": ids}
    answer = api.post("/api/tweets", sent, "application/json")

    assert (answer.status_code, answer.json()["error_type"]) == (400, "invalid")
    assert not Tweet.objects.filter(text="Мой кот").exists()


def test_a_thumbnail_is_made_and_used(ann):
    media = actions.upload_media(ann, picture("PNG", (2000, 1000)))
    assert media.thumbnail_url == media.url

    thumbnail(media.pk)

    media.refresh_from_db()
    answer = Client().get(media.thumbnail_url)
    assert Image.open(io.BytesIO(answer.content)).size == (THUMBNAIL_SIDE, THUMBNAIL_SIDE // 2)


def test_a_thumbnail_that_cannot_be_made_is_not_tried_again(ann):
    media = actions.upload_media(ann, picture())
    stored = str(media.file.name)
    default_storage.delete(stored)
    default_storage.save(stored, SimpleUploadedFile("x", b"broken"))

    with pytest.raises(OSError, match="cannot identify"):
        thumbnail(media.pk)

    assert not Media.objects.without_thumbnail().exists()


def test_uploads_that_nobody_posts_expire(ann, settings):
    old, new, posted = (actions.upload_media(ann, picture()) for _ in range(3))
    actions.post_tweet(ann, "Кот", [posted])
    Media.objects.exclude(pk=new.pk).update(
        created_at=timezone.now() - timedelta(hours=settings.UPLOADS_KEPT_HOURS + 1)
    )

    assert sweep_uploads() == 1
    assert set(Media.objects.all()) == {new, posted}
    assert not default_storage.exists(str(old.file.name))


def test_nobody_fills_the_disk_with_uploads(ann):
    Media.objects.bulk_create(
        Media(owner=ann, token=str(n), kind="image/png", size=1, width=1, height=1)
        for n in range(100)
    )

    with pytest.raises(ValidationError):
        actions.upload_media(ann, picture())


def test_an_upload_needs_a_file(ann):
    assert caller(ann).post("/api/medias", {}).status_code == 400
