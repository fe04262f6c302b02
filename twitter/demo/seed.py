"""The curated demo: people and tweets."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from twitter import actions
from twitter.actions.media import make_thumbnail
from twitter.demo.pictures import Pen, before_and_after, draw_picture, three_themes
from twitter.models import ApiKey, Media, Notification, Tweet, User

# In the order of their ids on a fresh database.
PEOPLE = {
    "admin": "Анна Соколова",
    "test": "Тимур Тестов",
    "boris": "Борис Кузнецов",
    "vera": "Вера Орлова",
    "gleb": "Глеб Морозов",
    "dina": "Дина Ахметова",
}

# Who follows whom.
FOLLOWS = {
    "admin": "vera boris gleb",
    "vera": "admin boris dina",
    "boris": "admin",
    "dina": "gleb vera admin",
    "test": "boris",
}


class SampleTweet(NamedTuple):
    """A tweet with the usernames that like it, a picture with its description, and replies."""

    hours_ago: int
    author: str
    text: str
    liked: str = ""
    picture: tuple[Callable[[Pen], None], str] | None = None
    answers: "tuple[SampleTweet, ...]" = ()


TWEETS = [
    SampleTweet(
        97,
        "vera",
        "Всем привет! Это наша новая лента. Пишите всё, ради чего жалко созывать встречу.",
        liked="admin boris gleb dina",
    ),
    SampleTweet(
        94, "boris", "Проверка связи. Раз-два-три. Если вы это читаете, деплой удался! #релиз"
    ),
    SampleTweet(
        73,
        "gleb",
        "Починил кофемашину на четвёртом этаже. Причина: её не включили в розетку. #кофе",
        liked="admin vera dina test",
        answers=(
            SampleTweet(
                72, "dina", "@gleb, ты герой четвёртого этажа! Третий пока на чае. #кофе", "gleb"
            ),
            SampleTweet(
                71, "gleb", "@dina, на третьем вилка в розетке, я проверил. Там просто нет кофе."
            ),
        ),
    ),
    SampleTweet(
        70, "dina", "Ищу третьего на пятничный квиз. Нужен тот, кто отличает Мане от Моне. #квиз"
    ),
    SampleTweet(
        51, "admin", "С понедельника отпуска оформляем через бота. Напишите ему, дальше он сам."
    ),
    SampleTweet(
        48,
        "test",
        "Подключил скрипт по api-key. Три строчки на Python, и отчёт сам приходит в ленту.",
        liked="boris",
    ),
    SampleTweet(
        27,
        "vera",
        "Макеты готовы: светлая тема, тёмная и одна лишняя, от дизайнера не в духе. "
        "@admin, какую берём? #дизайн",
        liked="dina test",
        picture=(three_themes, "Одна и та же страница трижды: светлая, тёмная и ярко-розовая."),
    ),
    SampleTweet(
        25,
        "boris",
        "Очередь задач переехала.\n\nБыло: 340 мс.\nСтало: 41 мс.\nСпал: впервые за неделю. #релиз",
        liked="admin vera gleb dina test",
        picture=(before_and_after, "Два столбика: длинный, 340 мс, и короткий, 41 мс."),
        answers=(
            SampleTweet(
                24, "admin", "@boris, отличная работа! Расскажешь на демо? #релиз", "boris vera"
            ),
            SampleTweet(
                23, "boris", "Расскажу. И посплю ещё раз, для чистоты эксперимента.", "admin"
            ),
        ),
    ),
    SampleTweet(
        6, "dina", "Клиент из Казани прислал чак-чак. Лежит на кухне. Лежал. #кофе", "gleb"
    ),
    SampleTweet(
        3, "gleb", "Кто-нибудь ещё слышит, как принтер на втором поёт по утрам? Прошу не чинить."
    ),
    SampleTweet(
        1,
        "admin",
        "Спасибо всем, кто пришёл на демо! Запись и ответы выложу сюда вечером. #релиз",
        liked="boris",
        answers=(SampleTweet(0, "test", "Спасибо! А скрипт с третьего слайда приложите?"),),
    ),
]


@transaction.atomic
def seed(password: str) -> None:
    """Create the missing parts of the demo; `password` is that of the administrator."""
    people = {username: _person(username, name) for username, name in PEOPLE.items()}
    _grant_admin(people["admin"], password)
    if not ApiKey.objects.filter(owner=people["test"], is_demo=True).exists():
        ApiKey.objects.adopt_for_demo(people["test"], "Демо", "test")
    if not Tweet.objects.exists():
        _create_follows(people)
        for sample in TWEETS:
            _post(sample, people)


def _person(username: str, name: str) -> User:
    no_password = make_password(None)
    person, _ = User.objects.get_or_create(
        username=username, defaults={"name": name, "password": no_password}
    )
    return person


def _grant_admin(person: User, password: str) -> None:
    if not person.check_password(password):
        person.is_staff = person.is_superuser = True
        person.set_password(password)
        person.save()


def _create_follows(people: dict[str, User]) -> None:
    for follower, followed in FOLLOWS.items():
        for other in followed.split():
            actions.follow(people[follower], people[other])
    follows = Notification.objects.filter(kind=Notification.Kind.FOLLOW, actor__in=people.values())
    follows.update(created_at=timezone.now() - timedelta(hours=TWEETS[0].hours_ago))


def _post(sample: SampleTweet, people: dict[str, User], answered: Tweet | None = None) -> None:
    author = people[sample.author]
    pictures = [_picture(author, *sample.picture)] if sample.picture else []
    tweet = actions.post_tweet(author, sample.text, pictures, answered)
    for username in sample.liked.split():
        actions.like(people[username], tweet)
    _backdate(tweet, timezone.now() - timedelta(hours=sample.hours_ago))
    for answer in sample.answers:
        _post(answer, people, tweet)


def _picture(owner: User, draw: Callable[[Pen], None], alt: str) -> Media:
    media = actions.upload_media(owner, draw_picture(draw), alt)
    make_thumbnail(media)
    return media


def _backdate(tweet: Tweet, moment: datetime) -> None:
    """Set the time of a tweet and its likes and notifications."""
    tweet.refresh_from_db()
    tweet.created_at = moment
    tweet.save()
    for rows in (tweet.taggings, tweet.likes, Notification.objects.filter(tweet=tweet)):
        rows.update(created_at=moment)
