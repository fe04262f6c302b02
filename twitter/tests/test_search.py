import pytest

from twitter.actions import delete_tweet, post_tweet
from twitter.models import Tweet
from twitter.models.search import MOST_WORDS


@pytest.fixture(autouse=True)
def quiet(sockets):
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
        ("и", None),
        ("", None),
        ("'\" & | ! ( ) : * %", None),
    ],
)
def test_words_are_found_in_any_form_on_every_database(ann, query, found):
    tweets = [post_tweet(ann, text) for text in TEXTS]

    expected = [] if found is None else [tweets[found]]
    assert list(Tweet.objects.search(query)) == expected


def test_the_newest_are_first_and_the_deleted_are_not_there(ann):
    first, second, third = (post_tweet(ann, f"Обед {n}") for n in range(3))
    delete_tweet(ann, second)

    assert list(Tweet.objects.search("обеды")) == [third, first]


def test_a_very_long_query_is_cut(ann):
    tweet = post_tweet(ann, "слово " * MOST_WORDS)

    assert list(Tweet.objects.search("слово " * (MOST_WORDS * 10))) == [tweet]
