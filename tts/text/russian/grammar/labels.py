"""Words and short forms that number what follows: дом 5, п. 3, № 7."""

from tts.text.russian.grammar.cases import row
from tts.text.russian.grammar.morphology import forms_of
from tts.text.scanning import Context

# Nouns that are followed by their number, in whatever case they are.
LABELS = frozenset(
    row(
        "дом квартира корпус строение кабинет офис комната аудитория палата этаж подъезд глава"
        " страница раздел пункт подпункт статья часть том параграф рисунок таблица приложение"
        " рейс автобус троллейбус трамвай маршрут вариант задача упражнение билет место ряд"
        " номер школа лицей гимназия больница поликлиника вагон поезд выход вход терминал"
        " платформа телефон код индекс версия формула пример шаг вопрос версия участок литера"
        " договор счёт заказ заявка приказ лот артикул модель код добавочный ячейка секция бокс"
        " помещение домофон зал слайд уровень серия сезон эпизод выпуск тариф пин-код кабина"
        " гейт страничка"
    )
)
# Those that are followed by what they are a part of: в статье 2 Конституции.
TEXTS = frozenset(
    row(
        "глава страница раздел пункт подпункт статья часть том параграф рисунок таблица приложение"
        " номер вариант версия формула пример шаг договор приказ"
    )
)
# What is numbered more often than counted: на 1 этаже is на первом этаже.
NUMBERED = frozenset(
    row(
        "этаж класс курс квартал тур раунд место подъезд смена сезон серия выпуск категория"
        " разряд степень этап урок ряд вагон путь пара сорт группа том глава часть страница"
        " половина полугодие семестр четверть тайм период отделение корпус микрорайон канал"
        " номер число станция секция позиция вопрос пункт вариант вход выход терминал поколение"
        " созыв линия ступень издание полоса параграф век тысячелетие заход дубль эпизод день"
    )
)
# Of those, the ones that are as often counted: 1 день, 1 место, 1 вопрос.
COUNTED_TOO = frozenset(
    row(
        "день место вопрос пара группа часть страница половина канал номер пункт вариант вход глава"
        " выход серия том"
    )
)
LABEL_SHORTS = frozenset(
    row(
        "д кв корп к стр с оф каб эт п пп ст ч гл рис табл т тел доб ауд пом лит вл под упр прил"
        " разд абз комн прим уч вар зад ф"
    )
)
# Hours and pages after a number: 5 ч. 30 мин.
UNITS_TOO = frozenset(row("ч с т стр кв эт"))
SIGNS = frozenset("№§#")
MAX_LISTED = 8
LISTING = frozenset(("и", "или"))


def is_labelled(context: Context, start: int) -> bool:
    """Tell whether a number comes directly after its label, or after others that do: ст. 5 и 6."""
    for _ in range(MAX_LISTED):
        tokens = list(context.before(start, 2))
        if len(tokens) < 2 or tokens[0].text not in LISTING or not tokens[1].is_number:
            break
        start = start_of_number(context, tokens[1].start)
    return follows_label(context, start)


def start_of_number(context: Context, position: int) -> int:
    """Return where a number of several parts begins: 2.3."""
    for _ in range(MAX_LISTED):
        tokens = list(context.before(position, 2))
        if len(tokens) < 2 or tokens[0].text != "." or not tokens[1].is_number:
            break
        position = tokens[1].start
    return position


def follows_label(context: Context, start: int) -> bool:
    tokens = list(context.before(start, 3))
    if not tokens:
        return False
    last = tokens[0]
    if last.text in SIGNS:
        return True
    if "\n" in context.text[last.end : start]:
        return False
    if last.text == "." and len(tokens) > 1 and tokens[1].end == last.start:
        short = tokens[1].text.lower()
        is_unit = short in UNITS_TOO and len(tokens) > 2 and tokens[2].is_number
        return short in LABEL_SHORTS and not (is_unit and not is_named(context, tokens[2].start))
    return last.is_word and is_label(last.text)


def is_named(context: Context, start: int) -> bool:
    """Tell whether a number has a short label itself: п. 3 ч. 1."""
    tokens = list(context.before(start, 2))
    return len(tokens) == 2 and tokens[0].text == "." and tokens[1].text.lower() in LABEL_SHORTS


def is_label(word: str) -> bool:
    """Tell whether a word in the singular is a label; домов and дома of plurals are none."""
    forms = [form for form in forms_of(word) if form.is_noun]
    return bool(forms) and forms[0].lemma in LABELS and not forms[0].is_plural
