import re
from html import unescape

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from hypothesis import given, strategies

from twitter.actions import bookmark, delete_tweet, follow, hide_tweet, like, post_tweet, repost
from twitter.models import ApiKey, Tweet, User
from twitter.pages.showing import PAGE_SIZE
from twitter.templatetags.microblog import rich
from twitter.tests.factories import make_tweets


@pytest.fixture(autouse=True)
def quiet(sockets):
    """Nothing here leaves for a broker, and no trend is remembered from the test before."""
    cache.clear()


def shown(answer):
    return re.findall(r'<div class="text">(.+)</div>', answer.content.decode())


def test_the_feed_shows_the_newest_first(signed_in, ann, django_assert_num_queries):
    make_tweets(ann, 3)

    # session, person, trends, tweets, pictures, unread
    with django_assert_num_queries(6):
        answer = signed_in.get("/")

    assert shown(answer) == ["3", "2", "1"]
    assert "Анна Соколова" in answer.content.decode()


def test_older_tweets_are_a_link_away(signed_in, ann):
    make_tweets(ann, PAGE_SIZE + 2)

    page = signed_in.get("/").content.decode()
    (link,) = re.findall(r'href="(\?after=[^"]+)"', page)
    older = signed_in.get(f"/{unescape(link)}")

    assert shown(older) == ["2", "1"]


def test_an_empty_feed_says_so(signed_in):
    answer = signed_in.get("/")

    assert "Nobody has written anything yet" in answer.content.decode()


def test_a_broken_place_in_the_feed_is_a_bad_request(signed_in):
    assert signed_in.get("/?after=nowhere").status_code == 400


def test_a_tweet_is_posted_without_javascript(signed_in, ann):
    answer = signed_in.post("/post", {"text": "привет"}, follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert shown(answer) == ["привет"]


def test_an_empty_tweet_is_shown_with_its_fault(signed_in):
    answer = signed_in.post("/post", {"text": " "})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Tweet.objects.exists()


def test_what_people_write_is_text_and_never_markup(signed_in, ann):
    Tweet.objects.create(author=ann, text="<script>alert(1)</script>")

    assert "<script>alert" not in signed_in.get("/").content.decode()


@pytest.mark.parametrize("path", ["/", "/post"])
def test_strangers_are_asked_to_sign_in(client, db, path):
    answer = client.get(path) if path == "/" else client.post(path, {"text": "x"})

    assert (answer.status_code, answer.url) == (302, f"/login?next={path}")


def test_strangers_may_read_while_developing(client, db, settings):
    settings.DEBUG = True

    assert client.get("/").status_code == 200


def test_signing_in_leads_to_the_feed(client, ann):
    ann.set_password("correct horse")
    ann.save()

    answer = client.post("/login", {"username": "ann", "password": "correct horse"})

    assert (answer.status_code, answer.url) == (302, "/")


def test_the_language_is_the_readers_choice(signed_in):
    signed_in.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert '<html lang="en">' in signed_in.get("/").content.decode()


@pytest.mark.parametrize(("chosen", "kept"), [("en", "en"), ("tlh", "")])
def test_the_language_that_somebody_has_chosen_is_remembered(signed_in, chosen, kept):
    signed_in.post("/i18n/setlang/", {"language": chosen, "next": "/"})

    assert User.objects.get(pk=signed_in.session["_auth_user_id"]).language == kept


@pytest.mark.parametrize("path", ["/", "/login", "/nothing"])
def test_pages_have_nothing_inline(signed_in, path):
    if path == "/login":
        signed_in.logout()
    answer = signed_in.get(path)
    page = answer.content.decode()

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=", page)


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_neither_request_nor_database(name):
    assert 'class="notice-code"' in render_to_string(f"{name}.html")


PAGES = [
    "/",
    "/?feed=following",
    "/?feed=popular",
    "/search",
    "/search?q=один",
    "/tags/кофе",
    "/bookmarks",
    "/people/ann",
    "/people/ann/followers",
    "/people/ann/following",
    "/notifications",
    "/settings",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_costs_the_same_however_much_is_on_it(
    signed_in, ann, bob, path, django_assert_max_num_queries
):
    follow(bob, ann)
    for text in ("один #кофе", "два #кофе @ann", "три #кофе"):
        tweet = post_tweet(bob, text)
        bookmark(ann, post_tweet(ann, text))
        like(bob, tweet)
        repost(ann, tweet)

    with django_assert_max_num_queries(11):
        assert signed_in.get(path).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/tweets/1", "/names?begins=a"])
def test_every_page_is_for_people_who_are_signed_in(client, db, path):
    assert client.get(path).status_code == 302


def test_a_thread_shows_the_conversation_in_its_order(signed_in, ann, bob):
    first = post_tweet(ann, "first")
    post_tweet(ann, "second", reply_to=post_tweet(bob, "reply", reply_to=first))

    assert shown(signed_in.get(f"/tweets/{first.pk}")) == ["first", "reply", "second"]


def test_a_reply_says_whom_it_answers_where_that_is_not_plain(signed_in, ann, bob):
    first = post_tweet(ann, "first")
    reply = post_tweet(bob, "reply", reply_to=first)
    post_tweet(ann, "second", reply_to=reply)
    repost(ann, reply)

    thread = signed_in.get(f"/tweets/{first.pk}").content.decode()
    profile = signed_in.get("/people/bob").content.decode()
    passed_on = signed_in.get("/people/ann").content.decode()

    assert thread.count("In reply to Борис") == 1
    assert "In reply to Анна" in profile
    assert "In reply to Анна" in passed_on
    delete_tweet(ann, first)
    assert "In reply to" not in signed_in.get("/people/bob").content.decode()


@pytest.mark.parametrize("path", ["/tweets/999", "/people/nobody", "/tweets/99999999999999999999"])
def test_what_is_not_there_is_not_found(signed_in, path):
    assert signed_in.get(path).status_code == 404


@pytest.mark.parametrize("ids", ["", "x", "1,", ",".join("1" * 51), "9" * 30])
def test_tweets_are_asked_for_by_their_numbers(signed_in, ids):
    assert signed_in.get("/tweets/some", {"ids": ids}).status_code == 400


def test_a_hidden_tweet_is_drawn_for_nobody(signed_in, ann, moderator):
    seen, hidden = make_tweets(ann, 2)
    hide_tweet(moderator, hidden, "rude")

    answer = signed_in.get("/tweets/some", {"ids": f"{seen.pk},{hidden.pk}"})

    assert shown(answer) == ["1"]
    assert signed_in.get(f"/tweets/{hidden.pk}").status_code == 404


@pytest.mark.parametrize("name", ["like", "repost", "bookmark"])
def test_a_button_does_and_undoes(signed_in, ann, bob, name):
    (tweet,) = make_tweets(bob, 1)
    undo = {"like": "unlike", "repost": "undo_repost", "bookmark": "unbookmark"}[name]

    done = signed_in.post(f"/tweets/{tweet.pk}/{name}", headers={"HX-Request": "true"})
    undone = signed_in.post(f"/tweets/{tweet.pk}/{undo}", headers={"HX-Request": "true"})

    assert done.content.count(b'aria-pressed="true"') == 1
    assert undone.content.count(b'aria-pressed="true"') == 0


def test_without_javascript_a_button_leads_back_to_its_tweet(signed_in, bob):
    (tweet,) = make_tweets(bob, 1)

    there = {"Referer": "http://testserver/people/bob"}
    answer = signed_in.post(f"/tweets/{tweet.pk}/like", headers=there)
    elsewhere = signed_in.post(
        f"/tweets/{tweet.pk}/like", headers={"Referer": "https://evil.example/"}
    )

    assert answer.url == f"http://testserver/people/bob#tweet-{tweet.pk}"
    assert elsewhere.url == "/"


def test_only_its_author_deletes_a_tweet(signed_in, bob):
    (tweet,) = make_tweets(bob, 1)

    assert signed_in.post(f"/tweets/{tweet.pk}/delete").status_code == 403
    assert signed_in.get(f"/tweets/{tweet.pk}/edit").status_code == 403
    assert signed_in.get(f"/tweets/{tweet.pk}/hide").status_code == 403


def test_an_author_edits_a_fresh_tweet(signed_in, ann):
    (tweet,) = make_tweets(ann, 1)

    signed_in.post(f"/tweets/{tweet.pk}/edit", {"text": "better"})

    page = signed_in.get(f"/tweets/{tweet.pk}").content.decode()
    assert "better" in page
    assert "edited" in page


def test_a_moderator_hides_and_says_why(client, ann, moderator):
    (tweet,) = make_tweets(ann, 1)
    client.force_login(moderator)

    client.post(f"/tweets/{tweet.pk}/hide", {"reason": "rude"})

    tweet.refresh_from_db()
    assert (tweet.hidden_by, tweet.hidden_reason) == (moderator, "rude")


def test_people_follow_and_unfollow(signed_in, ann, bob):
    signed_in.post("/people/bob/follow")
    assert "Unfollow" in signed_in.get("/people/bob").content.decode()
    signed_in.post("/people/bob/unfollow")

    assert not ann.follows.exists()


@pytest.mark.parametrize("path", ["/people/ann/follow", "/people/ann/adore", "/people/no/follow"])
def test_who_cannot_be_followed_is_not_found(signed_in, path):
    assert signed_in.post(path).status_code == 404


def test_names_complete_what_was_begun(signed_in, bob):
    found = signed_in.get("/names", {"begins": "бор"}).json()

    assert found == {"people": [{"username": "bob", "name": "Борис Кузнецов"}]}
    assert signed_in.get("/names").json() == {"people": []}


def test_notifications_tell_and_are_read(signed_in, ann, bob):
    like(bob, make_tweets(ann, 1)[0])

    page = signed_in.get("/notifications").content.decode()
    assert "liked your tweet" in page
    assert 'id="unread">1<' in page
    signed_in.post("/notifications")

    assert 'id="unread" hidden>0<' in signed_in.get("/notifications").content.decode()


def test_a_person_changes_the_profile(signed_in, ann):
    signed_in.post("/settings", {"name": "Анна Новая", "about": "Пишу код"})

    ann.refresh_from_db()
    assert (ann.name, ann.about) == ("Анна Новая", "Пишу код")


@pytest.mark.parametrize(
    "form", [{"name": ""}, {"name": "x"}, {"name": "ok ok", "about": "x" * 999}]
)
def test_a_profile_that_cannot_be_is_refused_in_words(signed_in, form):
    answer = signed_in.post("/settings", form)

    assert answer.status_code == 400
    assert 'class="fault"' in answer.content.decode()


def test_a_file_that_is_no_picture_is_refused_in_words(signed_in):
    no_picture = SimpleUploadedFile("cat.png", b"no picture", "image/png")

    tweet = signed_in.post("/post", {"text": "x", "pictures": no_picture})
    no_picture.seek(0)
    avatar = signed_in.post("/settings", {"name": "Анна", "avatar": no_picture})

    assert (tweet.status_code, avatar.status_code) == (400, 400)
    assert not Tweet.objects.exists()


def test_somebody_elses_picture_cannot_be_posted(signed_in, bob, picture_of):
    media = picture_of(bob)

    answer = signed_in.post("/post", {"text": "mine", "media": [media.pk]})

    assert answer.status_code == 400
    assert not Tweet.objects.exists()


def test_a_key_is_made_and_revoked_on_the_page(signed_in, ann):
    made = signed_in.post("/settings/keys", {"name": "laptop"})
    key = made.context["new_key"]
    assert ApiKey.objects.owner_of(key) == ann
    assert key not in signed_in.get("/settings").content.decode()

    signed_in.post(f"/settings/keys/{ann.api_keys.get().pk}/revoke")

    assert ApiKey.objects.owner_of(key) is None


def test_nobody_revokes_somebody_elses_key(signed_in, bob):
    made, _key = ApiKey.objects.make(bob, "laptop")

    assert signed_in.post(f"/settings/keys/{made.pk}/revoke").status_code == 404


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("@ann, hi", '<a href="/people/ann">@ann</a>, hi'),
        ("#кофе!", '<a href="/tags/%D0%BA%D0%BE%D1%84%D0%B5">#кофе</a>!'),
        ("a@b.example #1", "a@b.example #1"),
        ("<b>", "&lt;b&gt;"),
        ("R&D", "R&amp;D"),
        ("it's #x'y", "it&#x27;s #x&#x27;y"),
    ],
)
def test_names_and_tags_lead_somewhere(text, html):
    assert rich(text).replace('<a href="/tags/x">#x</a>', "#x") == html


def test_addresses_are_links_that_tell_nobody_where_one_came_from():
    html = rich('see https://example.com/a?b=1&c=#d "q"')

    assert 'href="https://example.com/a?b=1&amp;c=#d"' in html
    assert 'rel="nofollow"' in html
    assert "&quot;q&quot;" in html


@given(strategies.text())
def test_no_text_becomes_markup(text):
    tags = re.findall(r"<[^>]*>", rich(text))

    assert all(
        re.fullmatch(r'<a (target="_blank" )?href="[^"<>]*"( rel="nofollow")?>|</a>', tag)
        for tag in tags
    )
