import re
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from hypothesis import given, strategies
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from twitter.actions import bookmark, delete_tweet, follow, hide_tweet, like, post_tweet, repost
from twitter.models import ApiKey, Tweet, User
from twitter.pages.rendering import PAGE_SIZE
from twitter.templatetags.microblog import rich
from twitter.tests.factories import make_person, make_tweets

SCOPES = ["read", "write", "speech"]


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker, and no trend is remembered from the test before."""
    cache.clear()


def texts_in(answer: Any) -> Any:
    return re.findall(r'<div class="text">(.+)</div>', answer.content.decode())


def test_the_feed_shows_the_newest_first(
    signed_in: Any, ann: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_tweets(ann, 3)

    # session, person, trends, tweets, pictures, unread
    with django_assert_num_queries(6):
        answer = signed_in.get("/")

    assert texts_in(answer) == ["3", "2", "1"]
    assert "Анна Соколова" in answer.content.decode()


def test_the_feed_is_shown_while_redis_is_down(
    signed_in: Any, ann: Any, settings: SettingsWrapper
) -> None:
    post_tweet(ann, "hello #world")
    down = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": down}

    answer = signed_in.get("/")

    assert answer.status_code == 200
    assert "#world" in answer.content.decode()


def test_older_tweets_are_a_link_away(signed_in: Any, ann: Any) -> None:
    make_tweets(ann, PAGE_SIZE + 2)

    page = signed_in.get("/").content.decode()
    (link,) = re.findall(r'href="(\?after=[^"]+)"', page)
    older = signed_in.get(f"/{unescape(link)}")

    assert texts_in(older) == ["2", "1"]


def test_an_empty_feed_says_so(signed_in: Any) -> None:
    answer = signed_in.get("/")

    assert "No tweets yet" in answer.content.decode()


def test_a_broken_place_in_the_feed_is_a_bad_request(signed_in: Any) -> None:
    assert signed_in.get("/?after=nowhere").status_code == 400


def test_a_tweet_is_posted_without_javascript(signed_in: Any, ann: Any) -> None:
    answer = signed_in.post("/post", {"text": "привет"}, follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert texts_in(answer) == ["привет"]


def test_line_breaks_of_a_form_count_as_one_character(signed_in: Any) -> None:
    text = "я" * 2500 + "\r\n" + "я" * 2499

    assert signed_in.post("/post", {"text": text}).status_code == 302
    tweet = Tweet.objects.get()
    assert len(tweet.text) == 5000
    assert signed_in.post(f"/tweets/{tweet.pk}/edit", {"text": text + "\r\n"}).status_code == 302
    assert signed_in.post(f"/tweets/{tweet.pk}/edit", {"text": text + "я"}).status_code == 400


def test_an_empty_tweet_is_shown_with_its_fault(signed_in: Any) -> None:
    answer = signed_in.post("/post", {"text": " "})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Tweet.objects.exists()


def test_what_people_write_is_text_and_never_markup(signed_in: Any, ann: Any) -> None:
    Tweet.objects.create(author=ann, text="<script>alert(1)</script>")

    assert "<script>alert" not in signed_in.get("/").content.decode()


@pytest.mark.parametrize("path", ["/", "/post"])
def test_strangers_are_asked_to_sign_in(client: Any, db: Any, path: str) -> None:
    answer = client.get(path) if path == "/" else client.post(path, {"text": "x"})

    assert (answer.status_code, answer.url) == (302, f"/login?next={path}")


def test_strangers_may_read_while_developing(
    client: Any, db: Any, settings: SettingsWrapper
) -> None:
    settings.DEBUG = True

    assert client.get("/").status_code == 200


def test_signing_in_leads_to_the_feed(client: Any, ann: Any) -> None:
    ann.set_password("correct horse")
    ann.save()

    answer = client.post("/login", {"username": "ann", "password": "correct horse"})

    assert (answer.status_code, answer.url) == (302, "/")


def test_the_language_is_the_readers_choice(signed_in: Any) -> None:
    signed_in.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert '<html lang="en">' in signed_in.get("/").content.decode()


@pytest.mark.parametrize(("chosen", "stored"), [("en", "en"), ("tlh", "")])
def test_the_language_that_somebody_has_chosen_is_remembered(
    signed_in: Any, chosen: str, stored: str
) -> None:
    signed_in.post("/i18n/setlang/", {"language": chosen, "next": "/"})

    assert User.objects.get(pk=signed_in.session["_auth_user_id"]).language == stored


@pytest.mark.parametrize("path", ["/", "/login", "/nothing"])
def test_pages_have_nothing_inline(signed_in: Any, path: str) -> None:
    if path == "/login":
        signed_in.logout()
    answer = signed_in.get(path)
    page = answer.content.decode()

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=", page)


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_neither_request_nor_database(name: str) -> None:
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
    signed_in: Any, ann: Any, bob: Any, path: Any, django_assert_max_num_queries: Any
) -> None:
    follow(bob, ann)
    for text in ("один #кофе", "два #кофе @ann", "три #кофе"):
        tweet = post_tweet(bob, text)
        bookmark(ann, post_tweet(ann, text))
        like(bob, tweet)
        repost(ann, tweet)

    with django_assert_max_num_queries(12):
        assert signed_in.get(path).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/tweets/1", "/names?begins=a"])
def test_every_page_is_for_people_who_are_signed_in(client: Any, db: Any, path: Any) -> None:
    assert client.get(path).status_code == 302


def test_a_thread_shows_the_conversation_in_its_order(signed_in: Any, ann: Any, bob: Any) -> None:
    first = post_tweet(ann, "first")
    post_tweet(ann, "second", reply_to=post_tweet(bob, "reply", reply_to=first))

    assert texts_in(signed_in.get(f"/tweets/{first.pk}")) == ["first", "reply", "second"]


def test_a_reply_says_whom_it_answers_where_that_is_not_plain(
    signed_in: Any, ann: Any, bob: Any
) -> None:
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
def test_what_is_not_there_is_not_found(signed_in: Any, path: str) -> None:
    assert signed_in.get(path).status_code == 404


@pytest.mark.parametrize("ids", ["", "x", "1,", ",".join("1" * 51), "9" * 30])
def test_tweets_are_asked_for_by_their_numbers(signed_in: Any, ids: Any) -> None:
    assert signed_in.get("/tweets/some", {"ids": ids}).status_code == 400


def test_a_hidden_tweet_is_drawn_for_nobody(signed_in: Any, ann: Any, moderator: Any) -> None:
    seen, hidden = make_tweets(ann, 2)
    hide_tweet(moderator, hidden, "rude")

    answer = signed_in.get("/tweets/some", {"ids": f"{seen.pk},{hidden.pk}"})

    assert texts_in(answer) == ["1"]
    assert signed_in.get(f"/tweets/{hidden.pk}").status_code == 404


@pytest.mark.parametrize("name", ["like", "repost", "bookmark"])
def test_a_button_does_and_undoes(signed_in: Any, ann: Any, bob: Any, name: str) -> None:
    (tweet,) = make_tweets(bob, 1)
    undo = {"like": "unlike", "repost": "undo_repost", "bookmark": "unbookmark"}[name]

    done = signed_in.post(f"/tweets/{tweet.pk}/{name}", headers={"HX-Request": "true"})
    undone = signed_in.post(f"/tweets/{tweet.pk}/{undo}", headers={"HX-Request": "true"})

    assert done.content.count(b'aria-pressed="true"') == 1
    assert undone.content.count(b'aria-pressed="true"') == 0


def test_without_javascript_a_button_leads_back_to_its_tweet(signed_in: Any, bob: Any) -> None:
    (tweet,) = make_tweets(bob, 1)

    there = {"Referer": "http://testserver/people/bob"}
    answer = signed_in.post(f"/tweets/{tweet.pk}/like", headers=there)
    elsewhere = signed_in.post(
        f"/tweets/{tweet.pk}/like", headers={"Referer": "https://evil.example/"}
    )

    assert answer.url == f"http://testserver/people/bob#tweet-{tweet.pk}"
    assert elsewhere.url == "/"


def test_only_its_author_deletes_a_tweet(signed_in: Any, bob: Any) -> None:
    (tweet,) = make_tweets(bob, 1)

    assert signed_in.post(f"/tweets/{tweet.pk}/delete").status_code == 403
    assert signed_in.get(f"/tweets/{tweet.pk}/edit").status_code == 403
    assert signed_in.get(f"/tweets/{tweet.pk}/hide").status_code == 403


def test_an_author_edits_a_fresh_tweet(signed_in: Any, ann: Any) -> None:
    (tweet,) = make_tweets(ann, 1)

    signed_in.post(f"/tweets/{tweet.pk}/edit", {"text": "better"})

    page = signed_in.get(f"/tweets/{tweet.pk}").content.decode()
    assert "better" in page
    assert "edited" in page


def test_a_moderator_hides_and_says_why(client: Any, ann: Any, moderator: Any) -> None:
    (tweet,) = make_tweets(ann, 1)
    client.force_login(moderator)

    client.post(f"/tweets/{tweet.pk}/hide", {"reason": "rude"})

    tweet.refresh_from_db()
    assert (tweet.hidden_by, tweet.hidden_reason) == (moderator, "rude")


def test_people_follow_and_unfollow(signed_in: Any, ann: Any, bob: Any) -> None:
    signed_in.post("/people/bob/follow")
    assert "Unfollow" in signed_in.get("/people/bob").content.decode()
    signed_in.post("/people/bob/unfollow")

    assert not ann.follows.exists()


@pytest.mark.parametrize("path", ["/people/ann/follow", "/people/ann/adore", "/people/no/follow"])
def test_who_cannot_be_followed_is_not_found(signed_in: Any, path: str) -> None:
    assert signed_in.post(path).status_code == 404


def test_names_complete_what_was_begun(signed_in: Any, bob: Any) -> None:
    found = signed_in.get("/names", {"begins": "бор"}).json()

    assert found == {"people": [{"username": "bob", "name": "Борис Кузнецов"}]}
    assert signed_in.get("/names").json() == {"people": []}


def test_notifications_tell_and_are_read(signed_in: Any, ann: Any, bob: Any) -> None:
    like(bob, make_tweets(ann, 1)[0])

    page = signed_in.get("/notifications").content.decode()
    assert "liked your tweet" in page
    assert 'id="unread">1<' in page
    signed_in.post("/notifications")

    assert 'id="unread" hidden>0<' in signed_in.get("/notifications").content.decode()


def test_a_person_changes_the_profile(signed_in: Any, ann: Any) -> None:
    signed_in.post("/settings", {"name": "Анна Новая", "about": "Пишу код"})

    ann.refresh_from_db()
    assert (ann.name, ann.about) == ("Анна Новая", "Пишу код")


@pytest.mark.parametrize(
    "form", [{"name": ""}, {"name": "x"}, {"name": "ok ok", "about": "x" * 999}]
)
def test_a_profile_that_cannot_be_is_refused_in_words(signed_in: Any, form: Any) -> None:
    answer = signed_in.post("/settings", form)

    assert answer.status_code == 400
    assert 'class="fault"' in answer.content.decode()


def test_a_file_that_is_no_picture_is_refused_in_words(signed_in: Any) -> None:
    no_picture = SimpleUploadedFile("cat.png", b"no picture", "image/png")

    tweet = signed_in.post("/post", {"text": "x", "pictures": no_picture})
    no_picture.seek(0)
    avatar = signed_in.post("/settings", {"name": "Анна", "avatar": no_picture})

    assert (tweet.status_code, avatar.status_code) == (400, 400)
    assert not Tweet.objects.exists()


def test_somebody_elses_picture_cannot_be_posted(signed_in: Any, bob: Any, picture_of: Any) -> None:
    media = picture_of(bob)

    answer = signed_in.post("/post", {"text": "mine", "media": [media.pk]})

    assert answer.status_code == 400
    assert not Tweet.objects.exists()


def test_a_key_is_made_and_revoked_on_the_page(signed_in: Any, ann: Any) -> None:
    shown = signed_in.post("/settings/keys", {"name": "laptop", "scopes": SCOPES}, follow=True)
    key = shown.context["new_key"]
    assert ApiKey.objects.find_owner(key) == ann
    assert key in shown.content.decode()
    assert key not in signed_in.get("/settings").content.decode()

    signed_in.post(f"/settings/keys/{ann.api_keys.get().pk}/revoke")

    assert ApiKey.objects.find_owner(key) is None


def test_reloading_after_creating_a_key_creates_no_other(signed_in: Any, ann: Any) -> None:
    created = signed_in.post("/settings/keys", {"name": "laptop", "scopes": SCOPES})

    assert created.status_code == 302
    cookie = created.cookies["new-key"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/settings"
    signed_in.get(created["Location"])
    signed_in.get(created["Location"])
    assert ann.api_keys.count() == 1


def test_long_tweets_are_folded_in_lists_but_not_in_their_conversation(
    signed_in: Any, ann: Any
) -> None:
    long = post_tweet(ann, "слово " * 500)
    post_tweet(ann, "short")

    feed, thread = signed_in.get("/").content.decode(), signed_in.get(f"/tweets/{long.pk}")

    assert feed.count("text folded") == feed.count('class="unfold"') == 1
    assert "folded" not in thread.content.decode()


def test_nobody_revokes_somebody_elses_key(signed_in: Any, bob: Any) -> None:
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
def test_names_and_tags_lead_somewhere(text: str, html: str) -> None:
    tweet = Tweet(text=text)
    tweet.mentioned_people = {"ann": User(username="ann")}

    assert rich(tweet).replace('<a href="/tags/x">#x</a>', "#x") == html


def test_addresses_are_links_that_tell_nobody_where_one_came_from() -> None:
    html = rich(Tweet(text='see https://example.com/a?b=1&c=#d "q"'))

    assert 'href="https://example.com/a?b=1&amp;c=#d"' in html
    assert 'rel="nofollow"' in html
    assert "&quot;q&quot;" in html


@given(strategies.text())
def test_no_text_becomes_markup(text: Any) -> None:
    tags = re.findall(r"<[^>]*>", rich(Tweet(text=text)))

    assert all(
        re.fullmatch(r'<a (target="_blank" )?href="[^"<>]*"( rel="nofollow")?>|</a>', tag)
        for tag in tags
    )


def test_whoever_has_taken_the_name_of_another_is_told_apart_on_every_page(
    signed_in: Any, ann: Any, bob: Any
) -> None:
    other = User.objects.create(username="hacker", name=bob.name)
    tweet = post_tweet(other, "привет, @ann")
    post_tweet(ann, "пока", reply_to=tweet)
    repost(other, post_tweet(ann, "хорошая новость"))
    follow(ann, other)

    pages = ["/", f"/tweets/{tweet.pk}", "/people/hacker", "/people/ann", "/notifications"]
    for page in [
        *pages,
        "/people/ann/following",
        f"/search?q={bob.name}",
        "/people/hacker/followers",
    ]:
        html = re.sub(r"<[^>]+>", "", signed_in.get(page).content.decode())
        assert re.search(rf"{bob.name}\s+@hacker", html), page


def text_of(answer: Any) -> Any:
    return texts_in(answer)[0]


def test_only_people_who_exist_are_linked(signed_in: Any, ann: Any, bob: Any) -> None:
    post_tweet(ann, "@bob, @nobody и @BOB.")

    text = text_of(signed_in.get("/"))

    bob_link = '<a href="/people/bob">@{}</a>'
    assert text == f"{bob_link.format('bob')}, @nobody и {bob_link.format('BOB')}."


def test_a_username_may_end_with_a_dot(signed_in: Any, ann: Any) -> None:
    make_person("dot.", "Dot")
    post_tweet(ann, "@dot.")

    assert text_of(signed_in.get("/")) == '<a href="/people/dot.">@dot</a>.'


def test_who_has_left_is_shown_so_where_they_are_mentioned(
    signed_in: Any, ann: Any, bob: Any
) -> None:
    post_tweet(ann, "@bob")
    User.objects.filter(pk=bob.pk).update(is_active=False)

    assert 'class="has-left" href="/people/bob" title="This user has left."' in text_of(
        signed_in.get("/")
    )


def test_people_who_are_mentioned_cost_one_query_however_many(
    signed_in: Any, ann: Any, bob: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make_person(f"p{number}", "P")
        post_tweet(ann, f"@p{number} @bob @nobody{number}")

    # session, person, trends, tweets, pictures, people who are mentioned, unread
    with django_assert_num_queries(7):
        answer = signed_in.get("/")

    assert answer.content.decode().count('href="/people/bob"') == 5


def test_a_tweet_that_is_drawn_by_itself_links_whom_it_mentions(
    signed_in: Any, ann: Any, bob: Any
) -> None:
    tweet = post_tweet(ann, "@bob")

    some = signed_in.get("/tweets/some", {"ids": tweet.pk})
    liked = signed_in.post(f"/tweets/{tweet.pk}/like", headers={"HX-Request": "true"})

    assert text_of(some) == text_of(liked) == '<a href="/people/bob">@bob</a>'
