from typing import Any

import pytest
from django.urls import reverse

from bots.models import Conversation

LIST = reverse("admin:bots_conversation_changelist")


@pytest.fixture
def conversation(bot: Any) -> Conversation:
    return Conversation.objects.create(
        bot=bot, key="user:12", state="Order:size", data={"size": "<b>large</b>"}
    )


def test_conversations_are_listed_in_few_queries(
    admin: Any, conversation: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        Conversation.objects.create(bot=conversation.bot, key=f"user:{number}")

    with django_assert_max_num_queries(8):
        page = admin.get(LIST).content.decode()

    assert "Order:size" in page
    assert "{&quot;size&quot;: &quot;&lt;b&gt;" in page
    assert "<b>large" not in page


def test_one_can_be_looked_at_and_forgotten_but_not_changed(admin: Any, conversation: Any) -> None:
    address = reverse("admin:bots_conversation_change", args=[conversation.pk])

    assert "&lt;b&gt;large" in admin.get(address).content.decode()
    assert admin.post(address, {"state": "x"}).status_code == 403
    admin.post(reverse("admin:bots_conversation_delete", args=[conversation.pk]), {"post": "yes"})

    assert not Conversation.objects.exists()


def test_staff_without_the_right_see_none(
    client: Any, django_user_model: Any, conversation: Any
) -> None:
    staff = django_user_model.objects.create_user("helper", is_staff=True)
    client.force_login(staff)

    assert client.get(LIST).status_code == 403
