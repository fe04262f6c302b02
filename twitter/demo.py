"""The people and tweets of the demo."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from twitter.models import ApiKey, Tweet, User
from twitter.models.search import index_words

# In the order of their ids on a fresh database.
PEOPLE = {
    "admin": "Анна Соколова",
    "test": "Тимур Тестов",
    "boris": "Борис Кузнецов",
    "vera": "Вера Орлова",
    "gleb": "Глеб Морозов",
    "dina": "Дина Ахметова",
}

# (hours ago, whose, what)
TWEETS = [
    (
        97,
        "vera",
        "Всем привет! Это наша новая лента. Пишите всё, ради чего жалко созывать встречу.",
    ),
    (94, "boris", "Проверка связи. Раз-два-три. Если вы это читаете, деплой удался!"),
    (73, "gleb", "Починил кофемашину на четвёртом этаже. Причина: её не включили в розетку."),
    (70, "dina", "Ищу третьего на пятничный квиз. Нужен тот, кто отличает Мане от Моне."),
    (51, "admin", "С понедельника отпуска оформляем через бота. Напишите ему, дальше он сам."),
    (
        48,
        "test",
        "Подключил скрипт по api-key. Три строчки на Python, и отчёт сам приходит в ленту.",
    ),
    (27, "vera", "Макеты готовы: светлая тема, тёмная и одна лишняя, от дизайнера не в духе."),
    (
        25,
        "boris",
        "Очередь задач переехала.\n\nБыло: 340 мс.\nСтало: 41 мс.\nСпал: впервые за неделю.",
    ),
    (6, "dina", "Клиент из Казани прислал чак-чак. Лежит на кухне. Лежал."),
    (3, "gleb", "Кто-нибудь ещё слышит, как принтер на втором поёт по утрам? Прошу не чинить."),
    (1, "admin", "Спасибо всем, кто пришёл на демо! Запись и ответы выложу сюда вечером."),
]


@transaction.atomic
def seed(password: str) -> None:
    """Make what is missing of the demo. `password` opens the administrator's account."""
    people = {username: _person(username, name) for username, name in PEOPLE.items()}
    _let_in(people["admin"], password)
    if not ApiKey.objects.filter(owner=people["test"], is_demo=True).exists():
        ApiKey.objects.adopt_for_demo(people["test"], "Демо", "test")
    if not Tweet.objects.exists():
        for ago, author, text in TWEETS:
            _write(people[author], text, ago)


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


def _write(author: User, text: str, hours_ago: int) -> None:
    moment = timezone.now() - timedelta(hours=hours_ago)
    index_words([Tweet.objects.create(author=author, text=text, created_at=moment)])
