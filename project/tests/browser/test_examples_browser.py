"""The examples, as a person tries them in the sandbox: the page in English, the bot in Russian."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from project.tests.conftest import Instance

pytestmark = pytest.mark.browser


@pytest.fixture
def page(sandbox: Page) -> Page:
    return sandbox


def write(page: Page, text: str) -> None:
    page.locator("#composer-text").fill(text)
    page.keyboard.press("Enter")


def last(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.locator("#messages .message", has_text=text).last


def test_a_vote_is_counted_where_it_stands(page: Page) -> None:
    write(page, "/vote Lunch? | Pizza | Soup")

    page.get_by_role("button", name="Pizza").last.click()

    expect(last(page, "Lunch?")).to_contain_text("Pizza: 1")


def test_leave_is_asked_for_corrected_and_declined_with_a_reason(page: Page) -> None:
    write(page, "/leave")
    page.get_by_role("button", name="Заполнить заявку").last.click()
    form = page.get_by_role("dialog", name="Отпуск")
    form.get_by_label("Первый день").fill("2020-01-01")
    form.get_by_label("Согласующий").select_option(label="Анна Соколова @admin")
    form.get_by_role("button", name="Отправить заявку").click()
    expect(form.get_by_text("Выберите день, который ещё не прошёл.")).to_be_visible()
    form.get_by_label("Первый день").fill("2099-01-12")
    form.get_by_role("button", name="Отправить заявку").click()
    expect(last(page, "просит отпуск")).to_contain_text("14 дней")

    page.get_by_role("button", name="Отклонить").last.click()
    reason = page.get_by_role("dialog", name="Отклонить")
    reason.get_by_label("Почему?").fill("Too many are *away*")
    reason.get_by_role("button", name="Отклонить").click()

    expect(last(page, "Ваш отпуск отклонён")).to_contain_text("Too many are *away*")
    expect(page.get_by_role("button", name="Согласовать")).to_have_count(0)


def test_the_stand_up_asks_one_question_after_the_other(page: Page) -> None:
    write(page, "/standup")
    for question, answer in (
        ("Что вы сделали вчера?", "Worked"),
        ("Что будете делать сегодня?", "Rest"),
        ("Что-нибудь мешает?", "Nothing"),
    ):
        expect(last(page, question)).to_be_visible()
        write(page, answer)

    expect(last(page, "Трудности").locator("blockquote")).to_have_count(3)


def test_a_link_to_a_task_is_previewed(page: Page) -> None:
    write(page, "Look: https://tasks.example/12")

    expect(last(page, "Look:").locator(".preview")).to_contain_text("Задача 12")


def test_who_comes_into_a_chat_is_welcomed(page: Page, instance: Instance) -> None:
    page.get_by_role("link", name="Общее").click()

    expect(last(page, "Отправьте /start")).to_be_visible()
