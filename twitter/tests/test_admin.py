import re

import pytest

from twitter.models import ApiKey, User
from twitter.tests.factories import make_tweets

PAGES = ["user", "apikey", "tweet"]


@pytest.fixture
def staff(signed_in, ann):
    User.objects.update(is_staff=True, is_superuser=True)
    return signed_in


@pytest.mark.parametrize("model", PAGES)
def test_every_list_opens_and_searches(staff, ann, model):
    make_tweets(ann, 2)
    ApiKey.objects.make(ann, "laptop")

    assert staff.get(f"/admin/twitter/{model}/", {"q": "ann"}).status_code == 200


def test_a_key_is_shown_once_when_it_is_made(staff, ann):
    answer = staff.post(
        "/admin/twitter/apikey/add/", {"owner": ann.pk, "name": "laptop"}, follow=True
    )
    (key,) = re.findall(r"[\w-]{43}", str(next(iter(answer.context["messages"]))))

    assert ApiKey.objects.owner_of(key) == ann
    assert key not in staff.get("/admin/twitter/apikey/").content.decode()


def test_keys_are_revoked_and_never_changed(staff, ann):
    made, key = ApiKey.objects.make(ann, "laptop")

    staff.post(f"/admin/twitter/apikey/{made.pk}/change/", {"name": "another"})
    staff.post("/admin/twitter/apikey/", {"action": "revoke", "_selected_action": [made.pk]})

    made.refresh_from_db()
    assert made.name == "laptop"
    assert ApiKey.objects.owner_of(key) is None


def test_a_person_is_made_with_a_name(staff):
    form = {
        "name": "Борис",
        "username": "boris",
        "password1": "Xk3-vvv-91",
        "usable_password": "true",
    }
    staff.post("/admin/twitter/user/add/", {**form, "password2": "Xk3-vvv-91"})

    assert User.objects.get(username="boris").name == "Борис"
