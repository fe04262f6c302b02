"""The people and tweets of the demo."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from twitter import actions
from twitter.actions.media import make_thumbnail
from twitter.drawings import Pen, before_and_after, drawn, three_themes
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


class Said(NamedTuple):
    """A tweet, and what came of it: `liked` by whom, a picture with its description, answers."""

    hours_ago: int
    author: str
    text: str
    liked: str = ""
    picture: tuple[Callable[[Pen], None], str] | None = None
    answers: "tuple[Said, ...]" = ()


TWEETS = [
    Said(
        97,
        "vera",
        "Всем привет! Это наша новая лента. Пишите всё, ради чего жалко созывать встречу.",
        liked="admin boris gleb dina",
    ),
    Said(94, "boris", "Проверка связи. Раз-два-три. Если вы это читаете, деплой удался! #релиз"),
    Said(
        73,
        "gleb",
        "Починил кофемашину на четвёртом этаже. Причина: её не включили в розетку. #кофе",
        liked="admin vera dina test",
        answers=(
            Said(72, "dina", "@gleb, ты герой четвёртого этажа! Третий пока на чае. #кофе", "gleb"),
            Said(71, "gleb", "@dina, на третьем вилка в розетке, я проверил. Там просто нет кофе."),
        ),
    ),
    Said(70, "dina", "Ищу третьего на пятничный квиз. Нужен тот, кто отличает Мане от Моне. #квиз"),
    Said(51, "admin", "С понедельника отпуска оформляем через бота. Напишите ему, дальше он сам."),
    Said(
        48,
        "test",
        "Подключил скрипт по api-key. Три строчки на Python, и отчёт сам приходит в ленту.",
        liked="boris",
    ),
    Said(
        27,
        "vera",
        "Макеты готовы: светлая тема, тёмная и одна лишняя, от дизайнера не в духе. "
        "@admin, какую берём? #дизайн",
        liked="dina test",
        picture=(three_themes, "Одна и та же страница трижды: светлая, тёмная и ярко-розовая."),
    ),
    Said(
        25,
        "boris",
        "Очередь задач переехала.\n\nБыло: 340 мс.\nСтало: 41 мс.\nСпал: впервые за неделю. #релиз",
        liked="admin vera gleb dina test",
        picture=(before_and_after, "Два столбика: длинный, 340 мс, и короткий, 41 мс."),
        answers=(
            Said(24, "admin", "@boris, отличная работа! Расскажешь на демо? #релиз", "boris vera"),
            Said(23, "boris", "Расскажу. И посплю ещё раз, для чистоты эксперимента.", "admin"),
        ),
    ),
    Said(6, "dina", "Клиент из Казани прислал чак-чак. Лежит на кухне. Лежал. #кофе", "gleb"),
    Said(3, "gleb", "Кто-нибудь ещё слышит, как принтер на втором поёт по утрам? Прошу не чинить."),
    Said(
        1,
        "admin",
        "Спасибо всем, кто пришёл на демо! Запись и ответы выложу сюда вечером. #релиз",
        liked="boris",
        answers=(Said(0, "test", "Спасибо! А скрипт с третьего слайда приложите?"),),
    ),
]


@transaction.atomic
def seed(password: str) -> None:
    """Make what is missing of the demo. `password` opens the administrator's account."""
    people = {username: _person(username, name) for username, name in PEOPLE.items()}
    _let_in(people["admin"], password)
    if not ApiKey.objects.filter(owner=people["test"], is_demo=True).exists():
        ApiKey.objects.adopt_for_demo(people["test"], "Демо", "test")
    if not Tweet.objects.exists():
        _bring_together(people)
        for said in TWEETS:
            _say(said, people)


def _person(username: str, name: str) -> User:
    no_password = make_password(None)
    person, _ = User.objects.get_or_create(
        username=username, defaults={"name": name, "password": no_password}
    )
    return person


def _let_in(person: User, password: str) -> None:
    if not person.check_password(password):
        person.is_staff = person.is_superuser = True
        person.set_password(password)
        person.save()


def _bring_together(people: dict[str, User]) -> None:
    for follower, followed in FOLLOWS.items():
        for other in followed.split():
            actions.follow(people[follower], people[other])
    told = Notification.objects.filter(kind=Notification.Kind.FOLLOW, actor__in=people.values())
    told.update(created_at=timezone.now() - timedelta(hours=TWEETS[0].hours_ago))


def _say(said: Said, people: dict[str, User], answered: Tweet | None = None) -> None:
    author = people[said.author]
    pictures = [_picture(author, *said.picture)] if said.picture else []
    tweet = actions.post_tweet(author, said.text, pictures, answered)
    for username in said.liked.split():
        actions.like(people[username], tweet)
    _put_back(tweet, timezone.now() - timedelta(hours=said.hours_ago))
    for answer in said.answers:
        _say(answer, people, tweet)


def _picture(owner: User, draw: Callable[[Pen], None], alt: str) -> Media:
    media = actions.upload_media(owner, drawn(draw), alt)
    make_thumbnail(media)
    return media


def _put_back(tweet: Tweet, moment: datetime) -> None:
    """Let a tweet and what came of it have happened then."""
    tweet.refresh_from_db()
    tweet.created_at = moment
    tweet.save()
    for rows in (tweet.taggings, tweet.likes, Notification.objects.filter(tweet=tweet)):
        rows.update(created_at=moment)
