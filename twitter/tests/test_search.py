"""Tweets are found by any word, in any form, and by any string copied from them."""

import re
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from twitter.actions import delete_tweet, edit_tweet, post_tweet
from twitter.actions.indexing import BATCH_SIZE, index_batch
from twitter.demo.bulk import create_bulk_data
from twitter.models import Tweet
from twitter.tasks import index_tweets
from twitter.tests.factories import make_tweets
from twitter.text.normal import normalize
from twitter.text.words import MAX_QUERY_WORDS, query_phrases


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


TEXTS = [
    "Купили новые столы для переговорной",
    "Ёлка стоит в холле, приходите наряжать",
    "Deployed the new version, tests are running",
    "Кто-нибудь видел мой зарядник?",
    "Отчёт за 2024 год готов: https://example.com/report",
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("стол", 0),
        ("НОВЫЙ стол", 0),
        ("столом для переговорных", 0),
        ("елку", 1),
        ("ёлками", 1),
        ("deploy", 2),
        ("running test", 2),
        ("зарядники", 3),
        ("отчет 2024", 4),
        ("отчётов, 2024!", 4),
        ("стол ёлка", None),
        ("стулья", None),
        ("в холле и", 1),
        ("", None),
        ("'\" & | ! ( ) : * %", None),
    ],
)
def test_words_are_found_in_any_form_on_every_database(ann: Any, query: str, found: Any) -> None:
    tweets = [post_tweet(ann, text) for text in TEXTS]

    expected = [] if found is None else [tweets[found]]
    assert list(Tweet.objects.search(query)) == expected


def test_the_newest_are_first_and_the_deleted_are_not_there(ann: Any) -> None:
    first, second, third = (post_tweet(ann, f"Обед {n}") for n in range(3))
    delete_tweet(ann, second)

    assert list(Tweet.objects.search("обеды")) == [third, first]


def test_a_very_long_query_is_cut(ann: Any) -> None:
    tweet = post_tweet(ann, "слово " * MAX_QUERY_WORDS)

    assert list(Tweet.objects.search("слово " * (MAX_QUERY_WORDS * 10))) == [tweet]


def found_by(query: Any) -> Any:
    return [tweet.text for tweet in Tweet.objects.search(query)]


COPIED = {
    "file.tar.gz": ["file.tar.gz", "tar", "gz", "file.tar", "FILE.TAR.GZ"],
    "ivan@example.org пишет": ["ivan@example.org", "ivan", "example.org", "@example", "писать"],
    "v2.5-beta": ["v2.5-beta", "v2.5", "2.5", "beta", "5-beta", "v2"],
    "Задача ABC-1234, срочно": ["ABC-1234", "1234", "ABC1234", "abc‑1234"],
    "https://example.com/a_b/отчёт?id=7#part": [
        "https://example.com/a_b/отчёт?id=7#part", "example.com/a_b", "отчет", "id=7", "7#part",
    ],
    "и/или, вход-выход": ["и/или", "или", "вход-выход", "входа-выходу", "и"],
    "Включили Wi-Fi, don’t panic": ["wifi", "wi-fi", "don't", "dont"],
    "/src/main.py:10": ["main.py", "/src/main.py", "main.py:10", "py"],
    "C++ и 🎉, цена 5€, __init__": ["C++", "🎉", "5€", "€", "__init__", "init"],
    "Пере\u00adносы за\u0301мков": ["переносы", "замок", "за\u0301мок", "пере"],
    "İstanbul, Straße": ["istanbul", "İSTANBUL", "strasse"],
    "_": ["_"],
    "Le café naïve, Łódź, smørrebrød": [
        "café", "cafe", "CAFÉ", "naive", "naïve", "lodz", "Łódź", "smorrebrod",
    ],
    "resume and cafe": ["résumé", "café"],
    "今日は、天気がいいです": [
        "天気", "今日", "気がいい", "日は、天", "天", "今日は、天気がいいです",
    ],
    "한국어를 배웁니다": ["한국어", "배웁"],
    "iPhone15手机 wi-fi-中文": [
        "iphone", "15", "手机", "手", "中文", "iPhone15手机", "wi-fi-中文",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "query"), [(text, query) for text, queries in COPIED.items() for query in queries]
)
def test_a_string_copied_from_a_tweet_finds_it(ann: Any, text: Any, query: Any) -> None:
    post_tweet(ann, "Совсем про другое: ABC-4321, mail.net, file.zip, v5.2")
    post_tweet(ann, text)

    assert found_by(query) == [normalize(text)]


@pytest.mark.parametrize("query", ["気天", "今日、天", "이한", "天気図"])
def test_characters_of_a_text_without_spaces_are_found_as_they_stand(ann: Any, query: str) -> None:
    post_tweet(ann, "今日は天気がいい 한국어이다")

    assert found_by(query) == []


def test_a_letter_of_the_russian_alphabet_has_no_diacritics(ann: Any) -> None:
    post_tweet(ann, "пайк")

    assert found_by("паик") == []


@pytest.mark.parametrize("query", ["ABC-4321", "file.gz", "v5.2", "example.org/a", "10-12"])
def test_words_with_punctuation_between_are_found_as_they_stand(ann: Any, query: str) -> None:
    post_tweet(ann, "abc, 4321, file, gz, v5, 2, example.org, a, 10 и 12, 1012")

    assert found_by(query) == []


@pytest.mark.parametrize(
    "forms",
    ["кошки кошек кошкой", "ёлка елками", "люди человеку", "шёл идти шли", "стали сталь",
     "деплой деплоя деплоем", "докер докере", "зарядник зарядники", "джира джиру", "тикет тикетов",
     "созвон созвоны", "переговорная переговорных", "tests testing", "Соколова Соколовой"],
)  # fmt: skip
def test_every_form_of_a_word_finds_every_other(ann: Any, forms: str) -> None:
    for form in forms.split():
        post_tweet(ann, f"Вот: {form}")

    for form in forms.split():
        assert len(found_by(form)) == len(forms.split())


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=st.text(max_size=80) | st.text("аёйZz09_-.'/@\u0301\u00ad ", max_size=30))
def test_every_run_of_word_characters_in_a_text_finds_it(ann: Any, text: Any) -> None:
    assume(not re.search(r"[\x00\ud800-\udfff]", text))
    tweet = Tweet.objects.create(author=ann, text=normalize(text))

    for run in re.findall(r"\w+", tweet.text):
        assert tweet in Tweet.objects.search(run), run
    for copied in tweet.text.split():
        if re.search(r"\w", copied):
            assert tweet in Tweet.objects.search(copied), copied


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(query=st.text(max_size=200))
def test_any_query_is_answered(db: Any, query: Any) -> None:
    assert not Tweet.objects.search(query.replace("\0", "")).exists()


def test_a_long_string_that_is_copied_from_a_tweet_finds_it(
    client: Any, api: Any, ann: Any
) -> None:
    client.force_login(ann)
    words = [f"Неоднократно-повторяющийся-{ending}" for ending in "абвгдежзик"]
    tweet = post_tweet(ann, " ".join(words))
    copied = {"q": tweet.text}

    assert f"tweet-{tweet.pk}" in client.get("/search", copied).content.decode()
    assert [it["id"] for it in api.get("/api/search", copied).json()["tweets"]] == [tweet.pk]


def test_signs_count_as_words_so_that_no_query_is_too_large(db: Any) -> None:
    signs = "".join(map(chr, range(0x1F300, 0x1F300 + 500)))

    for query in (signs, " ".join(signs)):
        assert sum(len(each.words) for each in query_phrases(query)) == MAX_QUERY_WORDS
        assert not Tweet.objects.search(query).exists()


def test_an_edited_tweet_is_found_by_its_new_words_alone(ann: Any) -> None:
    tweet = post_tweet(ann, "кошки")

    edit_tweet(ann, tweet, "собаки")

    assert (found_by("кошка"), found_by("собака")) == ([], ["собаки"])


def test_tweets_of_the_version_before_are_indexed_in_the_background(ann: Any) -> None:
    make_tweets(ann, BATCH_SIZE + 1)
    Tweet.objects.update(terms=None)

    assert index_batch() == BATCH_SIZE
    assert not Tweet.objects.get(text="1").terms
    index_tweets()
    assert index_batch() == 0
    assert found_by("1") == ["1"]


def test_tweets_are_looked_up_in_the_index(db: Any) -> None:
    create_bulk_data(2_000, lambda done, of: None)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT gin_clean_pending_list('tweet_terms')")
        cursor.execute("ANALYZE")

    plan = Tweet.objects.search("кошки и file.tar.gz").explain()

    index = "tweet_terms" if connection.vendor == "postgresql" else "VIRTUAL TABLE INDEX"
    assert index in plan
