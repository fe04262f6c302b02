from typing import Any

from pytest_django.fixtures import DjangoAssertNumQueries

from sandbox import actions
from sandbox.models import GroupTag


def test_a_tag_tells_whom_it_groups(as_bot: Any, ann: Any, bob: Any) -> None:
    tag = actions.add_tag("Design", [ann])

    (listed,) = as_bot.get("/group_tags").json()["data"]
    (member,) = as_bot.get(f"/group_tags/{tag.pk}/users").json()["data"]

    assert listed == {"id": tag.pk, "name": "Design", "users_count": 1}
    assert (member["id"], member["list_tags"]) == (ann.pk, ["Design"])
    assert as_bot.get(f"/users/{bob.pk}").json()["data"]["list_tags"] == []


def test_tags_are_found_by_name(as_bot: Any, ann: Any) -> None:
    for name in ("Design", "Sales"):
        actions.add_tag(name, [ann])

    found = as_bot.get("/group_tags", **{"names[]": "Sales"}).json()["data"]

    assert [tag["name"] for tag in found] == ["Sales"]


def test_people_make_rename_and_delete_tags_and_bots_do_not(as_ann: Any, as_bot: Any) -> None:
    body = {"group_tag": {"name": "Design"}}

    assert as_bot.post("/group_tags", body).status_code == 403
    made = as_ann.post("/group_tags", body).json()["data"]
    assert as_ann.post("/group_tags", body).status_code == 422
    as_ann.put(f"/group_tags/{made['id']}", {"group_tag": {"name": "Art"}})
    assert as_bot.get(f"/group_tags/{made['id']}").json()["data"]["name"] == "Art"
    assert as_ann.delete(f"/group_tags/{made['id']}").status_code == 204
    assert not GroupTag.objects.exists()


def test_a_list_of_people_asks_for_their_tags_at_once(
    as_bot: Any, ann: Any, bob: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actions.add_tag("Design", [ann, bob])
    as_bot.get("/users")

    with django_assert_num_queries(8):
        as_bot.get("/users")
