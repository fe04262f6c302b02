"""The group of moderators, with the least that the work needs."""

from django.db import migrations

NAME = "Модераторы"
MAY = {
    "tweet": ["view_tweet", "moderate"],
    "media": ["view_media"],
    "hashtag": ["view_hashtag"],
    "user": ["view_user"],
}


def make(apps, schema_editor):
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=NAME)
    kinds = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for model, codenames in MAY.items():
        kind, _ = kinds.get_or_create(app_label="twitter", model=model)
        for codename in codenames:
            # They are made after all migrations; what is there by then stays.
            permission, _ = permissions.get_or_create(
                content_type=kind, codename=codename, defaults={"name": f"Can {codename}"}
            )
            group.permissions.add(permission)


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("twitter", "0005_wording"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make, remove)]
