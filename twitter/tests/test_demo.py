from twitter.demo import PEOPLE, seed
from twitter.models import ApiKey, Tweet, User


def test_the_demo_is_seeded_once(db, settings):
    settings.DEBUG = True

    seed("a-password")
    first = list(User.objects.values_list("pk", "username")), Tweet.objects.count()
    seed("another-password")

    assert first == (list(User.objects.values_list("pk", "username")), Tweet.objects.count())
    assert User.objects.count() == len(PEOPLE)
    assert ApiKey.objects.owner_of("test") == User.objects.get(username="test")
    assert User.objects.get(username="admin").check_password("another-password")


def test_only_the_administrator_can_sign_in(db):
    seed("a-password")

    assert [person.username for person in User.objects.all() if person.has_usable_password()] == [
        "admin"
    ]
